"""What can be wrong with a change of users."""

from api.kit.exceptions import ApiError


class NameTakenError(ApiError):
    """Somebody has this name."""

    status = 409
    error_id = "name_taken"


class LastAdminError(ApiError):
    """Nobody could administer the line any more."""

    status = 409
    error_id = "last_admin"


class WrongPasswordError(ApiError):
    """The present password is another one."""

    status = 403
    error_id = "wrong_password"
