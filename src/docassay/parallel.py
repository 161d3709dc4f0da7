"""A function over many inputs, on all cores. The only module that knows multiprocessing.

What a child does not deliver, because it was killed or ran out of memory, the parent does itself: the outcome never
depends on the number of cores.
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import msgspec

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

T = TypeVar("T")
K = TypeVar("K")
S = TypeVar("S")
R = TypeVar("R")

WORTH_IT = 200
"""Fewer inputs than this are done before a child has started."""

TURN = 24
"""So many inputs are dealt to each process before the parent is passed over once."""

Step = Callable[[int, int], None]
"""Told how many of how many have been done."""


def silent(done: int, total: int) -> None:
    """Nobody wants to know."""


def jobs_available() -> int:
    """How many processes this one may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for circles of references: frozen values hold none, and looking takes as long as making them."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.freeze()
            gc.enable()


def run(work: Callable[[T], R], kind: type[R], inputs: Sequence[T], jobs: int, step: Step = silent) -> list[R]:
    """`work` of every input, in their order. `kind` is the type of the results, a value that msgspec can store."""

    def first(one: T) -> tuple[R, None]:
        return work(one), None

    return in_two_rounds(first, lambda said: lambda done: done, type(None), kind, inputs, jobs, step)


def in_two_rounds(
    first: Callable[[T], tuple[K, S]],
    second: Callable[[Sequence[S]], Callable[[K], R]],
    said_kind: type[S],
    kind: type[R],
    inputs: Sequence[T],
    jobs: int,
    step: Step = silent,
) -> list[R]:
    """Work on every input that needs something of all the others; the results, in their order.

    `first` turns an input into what is kept, in the process that made it, and what is said to all processes; `second`
    is given what was said of every input, and says how what was kept becomes a result. `said_kind` and `kind` are
    types that msgspec can store.

    Children are forked, so that they start with everything imported; where that is not possible or not safe (another
    platform, other threads), all is done here.
    """
    jobs = min(jobs, 1 + len(inputs) // WORTH_IT)
    if jobs < 2 or not hasattr(os, "fork") or threading.active_count() > 1:
        jobs = 1
    # Every nth input, not every nth part: neighbours in a folder are often alike, and alike long. In each turn the
    # parent gets one less, since it has to hear the others too.
    turn = jobs * TURN - (jobs > 1)
    shares: list[list[int]] = [[] for _ in range(jobs)]
    for index in range(len(inputs)):
        shares[jobs - 1 - index % turn % jobs].append(index)
    said_decoder, decoder = msgspec.msgpack.Decoder(said_kind), msgspec.msgpack.Decoder(kind)

    def live(share: Sequence[int], there: Connection) -> None:
        """What a child does: its share of the first round, and, once it has heard of all others, of the second."""
        both = [first(inputs[index]) for index in share]
        there.send_bytes(_stored([_stored(said) for _, said in both]))
        finish = second([said_decoder.decode(one) for one in _packed(there.recv_bytes())])
        there.send_bytes(_stored([_stored(finish(kept)) for kept, _ in both]))
        os._exit(0)  # to give back what it holds, piece by piece, would keep the parent waiting

    children = [(share, _Child(partial(live, share))) for share in shares[1:]]
    kept: dict[int, K] = {}
    said: dict[int, S] = {}
    for done, index in enumerate(shares[0], start=1):
        kept[index], said[index] = first(inputs[index])
        step(min(done * jobs, len(inputs)), len(inputs))
    for share, child in children:
        said.update((index, said_decoder.decode(one)) for index, one in zip(share, child.hear(), strict=False) if one)
    for index in range(len(inputs)):
        if index not in said:  # a child has died
            kept[index], said[index] = first(inputs[index])
    everything = [said[index] for index in range(len(inputs))]
    if children:
        packed = _stored([_stored(one) for one in everything])
        for _, child in children:
            child.tell(packed)
    finish = second(everything)
    results = {index: finish(one) for index, one in kept.items()}
    for share, child in children:
        results.update((index, decoder.decode(one)) for index, one in zip(share, child.hear(), strict=False) if one)
        child.end()
    return [results[index] if index in results else finish(first(inputs[index])[0]) for index in range(len(inputs))]


def _stored(value: object) -> bytes:
    """A value as msgpack; nothing, for what cannot be stored: a number of more than 64 bits."""
    try:
        return msgspec.msgpack.encode(value)
    except (OverflowError, ValueError, TypeError):
        return b""


def _packed(stored: bytes) -> list[bytes]:
    return msgspec.msgpack.decode(stored, type=list[bytes])


class _Child:
    """A process of our own, and the line to it."""

    def __init__(self, live: Callable[[Connection], None]) -> None:
        import multiprocessing

        self._line, there = multiprocessing.Pipe()

        def run() -> None:
            self._line.close()
            with suppress(Exception, KeyboardInterrupt):  # what it does not say, the parent finds out itself
                live(there)

        self._process: BaseProcess = multiprocessing.get_context("fork").Process(target=run, daemon=True)
        self._process.start()
        there.close()

    def hear(self) -> list[bytes]:
        """What it says next; nothing if it has died."""
        try:
            return _packed(self._line.recv_bytes())
        except (EOFError, OSError, msgspec.MsgspecError):
            return []

    def tell(self, said: bytes) -> None:
        """Let it know what was said of every input."""
        with suppress(OSError):
            self._line.send_bytes(said)

    def end(self) -> None:
        """Wait for its end."""
        self._line.close()
        self._process.join()
