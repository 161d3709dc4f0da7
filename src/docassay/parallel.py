"""A function over many inputs, on all cores. The only module that knows multiprocessing.

What a child does not deliver, because it was killed or ran out of memory, the parent does itself: the outcome never
depends on the number of cores.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import TypeVar

import msgspec

T = TypeVar("T")
R = TypeVar("R")

WORTH_IT = 200
"""Fewer inputs than this are done before a child has started."""


def jobs_available() -> int:
    """How many processes this one may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(work: Callable[[T], R], kind: type[R], inputs: Sequence[T], jobs: int) -> list[R]:
    """`work` of every input, in their order. `kind` is the type of the results, a value that msgspec can store.

    Children are forked, so that they start with everything imported; where that is not possible or not safe (another
    platform, other threads), all is done here.
    """
    jobs = min(jobs, 1 + len(inputs) // WORTH_IT)
    if jobs < 2 or "fork" not in multiprocessing.get_all_start_methods() or threading.active_count() > 1:
        return [work(one) for one in inputs]
    # Every nth input, not every nth part: neighbours in a folder are often alike, and alike long.
    shares = [range(number, len(inputs), jobs) for number in range(jobs)]
    context = multiprocessing.get_context("fork")
    children = []
    for share in shares[1:]:
        here, there = context.Pipe(duplex=False)
        child = context.Process(target=_child, args=(work, inputs, share, there), daemon=True)
        child.start()
        there.close()
        children.append((child, here, share))
    results: dict[int, R] = {index: work(inputs[index]) for index in shares[0]}
    decoder = msgspec.msgpack.Decoder(kind)
    for child, here, share in children:
        try:
            for index in share:
                if sent := here.recv_bytes():
                    results[index] = decoder.decode(sent)
        except (EOFError, OSError, msgspec.MsgspecError):
            pass  # the child has died: what is missing is done below
        here.close()
        child.join()
    return [results[index] if index in results else work(one) for index, one in enumerate(inputs)]


def _child(work: Callable[[T], R], inputs: Sequence[T], share: range, there: Connection) -> None:
    """Do a share, then send it: a pipe holds little, and the parent has its own share to do before it listens."""
    encoder = msgspec.msgpack.Encoder()
    try:
        for done in [_encoded(encoder, work(inputs[index])) for index in share]:
            there.send_bytes(done)
    except (BrokenPipeError, KeyboardInterrupt):
        pass
    finally:
        there.close()


def _encoded(encoder: msgspec.msgpack.Encoder, result: object) -> bytes:
    """Nothing, for what cannot be sent: a number of more than 64 bits."""
    try:
        return encoder.encode(result)
    except (OverflowError, ValueError, TypeError):
        return b""
