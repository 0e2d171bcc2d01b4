"""Uploads: the way of one form into the bucket, with the faults that strike it and its line in the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pinsim.delivery import is_sent, struck, unanswered
from pinsim.faults import Facts, Strike
from pinsim.product.media import UPLOAD_PATH
from pinsim.product.processing import take
from pinsim.product.routes import UPLOAD
from pinsim.store import answers
from pinsim.store.answers import StoreRefusal
from pinsim.store.intake import Intake
from pinsim.store.policy import Allowed
from pinsim.wire import Answer, Request
from pinsim.world.media import Filing, Media

if TYPE_CHECKING:
    from pinsim.sim import Sim


def is_upload(path: str) -> bool:
    """Whether a request goes to the bucket."""
    return path.startswith(UPLOAD_PATH) or path == UPLOAD_PATH.rstrip("/")


class _Struck(StoreRefusal):
    """A fault came before the bucket's own answer."""

    def __init__(self) -> None:
        super().__init__(504, "", "")


class Upload:
    """Fed with the body as it comes, then ended by one of `finish`, `idle` and `cut`."""

    def __init__(self, sim: Sim, head: Request) -> None:
        self._sim, self._head = sim, head
        self._began = sim.clock.now()
        self._strike: Strike | None = None
        self._cut_at: int | None = None
        self._filing: Filing | None = None
        self._intake = Intake(head.headers, self._admit)
        if head.method != "POST" or head.path.removeprefix(UPLOAD_PATH.rstrip("/")) not in ("", "/"):
            self._intake.refusal = answers.wrong_method()

    def feed(self, piece: bytes) -> None:
        """The next bytes of the body."""
        self._intake.feed(piece)

    @property
    def wants_more(self) -> bool:
        """Whether the rest of the body is waited for."""
        if self._cut_at is not None:
            return self._intake.file_bytes < self._cut_at
        return self._intake.refusal is None or self._sim.switches.upload_answers == "after"

    def finish(self) -> Answer:
        """The answer, when the body has come or no more of it is wanted."""
        if self._cut_at is not None:
            return self._done(unanswered())
        try:
            self._filing = self._intake.finish()
        except StoreRefusal as refusal:
            return self._refused(refusal)
        media = self._media()
        if media is not None:  # the bucket itself knows nothing of uploads that were cleared away
            take(media, self._filing, self._sim.switches, self._sim.clock.now())
        place = {"Location": self._sim.base_url + UPLOAD_PATH + self._intake.key}
        return self._done(Answer(204, {**self._headers(), **place, "ETag": f'"{self._filing.digest[:32]}"'}))

    def idle(self) -> Answer:
        """The answer when nothing came for too long."""
        self._spare()
        return self._refused(answers.idle())

    def cut(self) -> Answer:
        """The client is gone, and nothing was taken; nobody gets the answer."""
        self._spare()
        self._note(unanswered(), "cut", None)
        return Answer(504, delivery="reset_after")

    def drop(self, strike: Strike) -> Answer:
        """The answer to a client that is dropped before its body was read."""
        self._strike = strike
        return self._done(unanswered())

    def facts(self) -> Facts:
        """What a fault looks at; the account is known from the key, when the fields have come."""
        media = self._media()
        account = media.account.username if media else ""
        return Facts(self._sim.clock.now(), UPLOAD, "", self._head.path, account)

    def _admit(self, fields: dict[str, str]) -> Allowed:
        strike = self._sim.faults.pick(self.facts(), passed_gate=True)
        self._strike = strike
        if strike is not None and not strike.trouble.made:
            if strike.trouble.name != "reset_midway":
                raise _Struck
            half = int(self._head.headers.get("content-length") or 0) // 2
            self._cut_at = strike.trouble.after_bytes if strike.trouble.after_bytes is not None else half
        return self._sim.world.signer.check(fields, self._sim.clock.now())

    def _refused(self, refusal: StoreRefusal) -> Answer:
        if isinstance(refusal, _Struck):
            return self._done(unanswered())
        if self._strike is not None and self._strike.trouble.name != "slow":
            self._spare()
        headers = self._headers()
        body = refusal.body(headers["x-amz-request-id"])
        answer = Answer(
            refusal.status, {**headers, "Content-Type": "application/xml", "Connection": "close"}, body
        )
        return self._done(answer, refusal)

    def _spare(self) -> None:
        """The bucket's own answer comes first; the fault waits for the next form."""
        if self._strike is not None:
            self._strike.fault.spare()
            self._strike = None

    def _done(self, answer: Answer, refusal: StoreRefusal | None = None) -> Answer:
        if self._strike is not None:
            answer = struck(
                Answer(answer.status, answer.headers or self._headers(), answer.body), self._strike.trouble
            )
        self._note(answer, answer.delivery, refusal)
        return answer

    def _media(self) -> Media | None:
        key = self._intake.key
        found = (realm.media.find_key(key) for realm in self._sim.world.realms.values())
        return next((media for media in found if media is not None), None)

    def _environment(self, media: Media) -> str:
        realms = self._sim.world.realms.values()
        return next(realm.environment for realm in realms if realm.media.find(media.id) is media)

    def _headers(self) -> dict[str, str]:
        request_id = self._sim.world.ids.secret("bucket request")[:16]
        return {"Date": self._sim.clock.http_date(), "Server": "AmazonS3", "x-amz-request-id": request_id}

    def _note(self, answer: Answer, delivery: str, refusal: StoreRefusal | None) -> None:
        media, intake = self._media(), self._intake
        body: dict[str, Any] = {"key": intake.key, "file_bytes": intake.file_bytes} if intake.key else {}
        self._sim.journal.write(
            {
                "time": self._began,
                "environment": self._environment(media) if media else "",
                "operation": UPLOAD,
                "account": media.account.username if media else None,
                "method": self._head.method,
                "path": self._head.path,
                "query": {},
                "body_bytes": intake.body_bytes,
                "body_digest": self._filing.digest if self._filing else None,
                "body": {**body, "media_id": media.id} if media else body,
                "status": answer.status if is_sent(answer) and delivery != "cut" else None,
                "code": refusal.code if refusal else None,
                "message": refusal.message if refusal else None,
                "delivery": delivery,
                "made": None,
                "fault": self._strike.trouble.name if self._strike else None,
            },
            self._sim.switches.journal_keep,
        )
