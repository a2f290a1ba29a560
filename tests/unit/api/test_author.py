"""Who answers for a change."""

import pytest

from api.kit.auth import Principal, PrincipalKind, author_of


@pytest.mark.parametrize(
    ("kind", "author"),
    [(PrincipalKind.USER, "olena"), (PrincipalKind.INSTANCE, "told"), (PrincipalKind.TOKEN, "told")],
)
def test_a_user_who_is_logged_in_answers_for_a_change_whatever_the_body_says(kind: PrincipalKind, author: str) -> None:
    principal = Principal(kind=kind, id="1", name="olena", scopes=frozenset())
    assert author_of(principal, "told") == author
