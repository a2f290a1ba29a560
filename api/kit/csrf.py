"""Keeps pages of other sites from acting with a person's session.

The cookie is SameSite=Strict; this is the second lock. Source: OWASP, Cross-Site Request Forgery Prevention.
"""

from urllib.parse import urlsplit

from fastapi import Request

from api.kit.exceptions import ForbiddenError

CSRF_HEADER = "X-Hotline-Request"
"""Any value will do: a page of another site cannot send it without asking first, and is not allowed to ask."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class CsrfRefusedError(ForbiddenError):
    """A change with a session needs the `Origin` of these pages, or the header `X-Hotline-Request`."""

    error_id = "csrf_refused"


def check_same_site(request: Request) -> None:
    """Lets reads through, and changes that our own pages or programs ask for.

    Raises:
        CsrfRefusedError: The page is another site's, or it cannot be told.
    """
    if request.method in _SAFE:
        return
    origin = request.headers.get("origin")
    if origin is None:
        if CSRF_HEADER not in request.headers:
            raise CsrfRefusedError(f"send the header {CSRF_HEADER}")
        return
    if not _is_ours(request, origin):
        raise CsrfRefusedError("the request comes from a page of another site")


def _is_ours(request: Request, origin: str) -> bool:
    """Compares with the address of the pages (settings), else with the host that was asked."""
    wanted: str | None = request.app.state.settings.web_origin
    if wanted is not None:
        return origin == wanted.rstrip("/")
    try:
        return urlsplit(origin).netloc == request.headers.get("host")
    except ValueError:
        return False
