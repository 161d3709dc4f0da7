"""The service does what the pages say: from recordings, or live with --docassay-target."""


def test_the_service_does_what_the_page_says(docassay_case, docassay_verify):
    docassay_verify(docassay_case)
