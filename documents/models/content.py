import builtins
import hashlib

from django.db import connection, models


class Content(models.Model):
    """The bytes of one or more versions, stored under their own hash. A row is never changed."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    media_type = models.CharField(max_length=120)
    encoding = models.CharField(max_length=20, blank=True)
    bytes = models.BinaryField()
    # When a version last took this content; unused rows older than a day are swept away.
    touched_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.sha256[:12]} {self.media_type}"

    @classmethod
    def of(cls, data: builtins.bytes, media_type: str, encoding: str = "utf-8") -> "Content":
        """The row for these bytes, as ``store`` keeps it."""
        digest = hashlib.sha256(media_type.encode() + b"\0" + data).hexdigest()
        return cls(sha256=digest, media_type=media_type, encoding=encoding, bytes=data)

    @classmethod
    def store(cls, data: builtins.bytes, media_type: str, encoding: str = "utf-8") -> str:
        """Keep the bytes (once) and return their sha256. The row stays locked until the transaction ends, so that
        the sweep cannot remove it before the caller's version points at it."""
        content = cls.of(data, media_type, encoding)
        content.keep()
        return content.sha256

    def keep(self) -> None:
        """Store this row, once, and lock it until the transaction ends."""
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO documents_content (sha256, media_type, encoding, bytes, touched_at)
                   VALUES (%s, %s, %s, %s, now())
                   ON CONFLICT (sha256) DO UPDATE SET touched_at = now()""",
                [self.sha256, self.media_type, self.encoding, builtins.bytes(self.bytes)],
            )

    @classmethod
    def store_many(cls, contents: list[tuple[builtins.bytes, str]], encoding: str = "utf-8") -> list[str]:
        """Keep many (bytes, media type) in one statement; the sha256 of each, in order."""
        digests = [hashlib.sha256(kind.encode() + b"\0" + data).hexdigest() for data, kind in contents]
        # Sorted, so that two writers lock the rows they share in one order.
        rows = sorted({digest: (kind, data) for digest, (data, kind) in zip(digests, contents, strict=True)}.items())
        values = ", ".join(["(%s, %s, %s, %s, now())"] * len(rows))
        with connection.cursor() as cursor:
            cursor.execute(
                f"""INSERT INTO documents_content (sha256, media_type, encoding, bytes, touched_at)
                    VALUES {values} ON CONFLICT (sha256) DO UPDATE SET touched_at = now()""",  # noqa: S608 - placeholders
                [value for digest, (kind, data) in rows for value in (digest, kind, encoding, data)],
            )
        return digests

    @classmethod
    def sweep(cls) -> int:
        """Remove contents that no version holds any more (autosaved drafts) and that are a day old."""
        with connection.cursor() as cursor:
            cursor.execute(
                """DELETE FROM documents_content c WHERE c.touched_at < now() - interval '1 day'
                   AND NOT EXISTS (SELECT 1 FROM documents_version v WHERE v.content_id = c.sha256)"""
            )
            return cursor.rowcount
