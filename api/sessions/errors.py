"""What can be wrong with a login."""

from api.kit.exceptions import ApiError


class LoginRefusedError(ApiError):
    """Name or password is wrong, or the person may not log in: it is not told which."""

    status = 401
    error_id = "login_refused"


class TooManyLoginsError(ApiError):
    """Too many logins failed; try later."""

    status = 429
    error_id = "too_many_logins"

    def __init__(self, window_s: float) -> None:
        """Keeps how long failed logins count."""
        super().__init__(f"too many logins failed; try again in {round(window_s / 60)} minutes")
        self.retry_after_s = round(window_s)
