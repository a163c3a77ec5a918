"""How a turn breaks off."""


class TurnFailed(BaseException):
    """The turn cannot be answered; `code` goes to the gateway.

    Not an Exception: Rasa's processor catches every Exception of an action, forgets what the action did and goes on
    to answer as if it had worked.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
