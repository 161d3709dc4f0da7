"""The pages agree with themselves, and a machine can read them."""


def test_the_page_is_sound(docassay_page, docassay_check):
    docassay_check(docassay_page)
