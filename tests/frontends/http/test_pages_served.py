"""What browsers are told, and what a page of another site may not do."""

import pytest
from structlog.testing import capture_logs

from frontends.http.asgi import NOT_FOUND
from frontends.http.exchange import Request, Response, Speaks
from frontends.http.pages import pages
from tests.frontends.http.web import HELLO, Toy, asking, served, site, status, until

SHOP = "https://shop.example"


async def test_the_first_page_is_one_that_nothing_of_another_site_touches() -> None:
    async with served(Toy()) as web:
        answer = await web.get("/login")
        head = answer.lower().split(b"\r\n\r\n")[0]
        assert status(answer) == 200
        assert b"text/html" in head
        assert b"default-src 'none'" in head
        assert b"frame-ancestors 'none'" in head
        assert b"unsafe" not in head
        for line in (b"x-content-type-options: nosniff", b"referrer-policy: no-referrer"):
            assert line in head


async def test_what_nobody_knows_is_not_found_as_go_says_it() -> None:
    async with served(Toy()) as web:
        answer = await web.get("/nothing")
        assert status(answer) == 404
        assert answer.endswith(b"\r\n\r\n" + NOT_FOUND.body)
        assert b"\r\nx-content-type-options: nosniff\r\n" in answer
        for method in ("DELETE", "TRACE"):
            assert status(await web.talk(asking("/", method, Connection="close"))) == 405


@pytest.mark.parametrize("speaks", [Speaks.V0, Speaks.V1])
async def test_a_listener_of_one_dialect_has_no_pages(speaks: Speaks) -> None:
    async with served(Toy(), speaks=speaks) as web:
        assert status(await web.get("/")) == 404
        assert status(await web.get("/hello")) == 200


async def test_a_head_request_has_the_length_and_no_body() -> None:
    async with served(Toy()) as web:
        for path in ("/hello", "/login"):
            answer = await web.talk(asking(path, "HEAD", Connection="close"))
            assert status(answer) == 200
            assert answer.endswith(b"\r\n\r\n")
            assert b"content-length: 0" not in answer.lower()


async def test_an_answer_without_a_body_has_no_length() -> None:
    async def gone(request: Request) -> Response:
        return Response(204)

    async with served(Toy(gone=gone)) as web, await web.connect() as client:
        await client.send_all(asking("/gone"))
        assert b"content-length" not in (await until(client, b"\r\n\r\n")).lower()
        await client.send_all(asking("/hello"))
        assert await until(client, HELLO)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": SHOP}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "https://localhost"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
async def test_only_listed_origins_change_something(headers: dict[str, str], expected: int) -> None:
    toy = Toy()
    async with served(toy, origins=(SHOP,)) as web:
        changing = await web.talk(asking("/hello", "POST", "{}", Connection="close", **headers))
        assert status(changing) == expected
        assert len(toy.requests) == (expected == 200)
        reading = await web.talk(asking("/hello", Connection="close", **headers))
        assert status(reading) == 200
        own = await web.talk(asking("/gateway", "POST", "{}", Connection="close", **headers))
        assert status(own) == 404


async def test_a_listed_origin_may_read_and_ask_first() -> None:
    toy = Toy()
    async with served(toy, origins=(SHOP,)) as web:
        assert f"access-control-allow-origin: {SHOP}".encode() in await web.get(
            "/hello", Origin=SHOP
        )
        assert b"access-control" not in await web.get("/hello", Origin="https://evil.example")
        toy.requests.clear()
        first = {"Access-Control-Request-Method": "POST", "Origin": SHOP, "Connection": "close"}
        answer = await web.talk(asking("/hello", "OPTIONS", **first))
        assert status(answer) == 204
        assert b"access-control-allow-methods: GET, HEAD, POST" in answer
        assert toy.requests == []
        await web.talk(asking("/hello", "OPTIONS", **{**first, "Origin": "https://evil.example"}))
        assert len(toy.requests) == 1


async def test_an_error_of_a_page_is_reported_without_its_words() -> None:
    async def bad() -> str:
        raise ZeroDivisionError("a secret")

    app = pages(site())
    app.add_url_rule("/bad", "bad", bad)
    with capture_logs() as logs:
        response = await app.test_client().get("/bad")
    assert response.status_code == 500
    assert "secret" not in await response.get_data(as_text=True)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    [said] = logs
    assert said["error"] == "ZeroDivisionError"
    assert "secret" not in str(said)
