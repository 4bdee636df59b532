"""An image that waits for its poses: as its message, or smaller, as the picture for the page."""
from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from movenet_ros.errors import ImageError
from movenet_ros.images.cdr import ImageMessage
from movenet_ros.tools.view.page_picture import PagePicture

NO_PICTURE = PagePicture(b'', 0, 0)


class PageImage:
    """An image of which the message is kept until its picture is asked for.

    Attributes:
        stamp_ns: Of its header [ns].
        frame_id: Of its header.
    """

    def __init__(self, message: ImageMessage,
                 read_picture: Callable[[ImageMessage], PagePicture]) -> None:
        """Keeps the message.

        Args:
            message: The image.
            read_picture: Makes the picture; may raise ImageError.
        """
        self.stamp_ns, self.frame_id = message.stamp_ns, message.frame_id
        self._message: ImageMessage | None = message
        self._picture = NO_PICTURE
        self._read_picture = read_picture

    @property
    def message_size(self) -> int:
        """Of the message, while it is kept [bytes]."""
        return 0 if self._message is None else len(self._message.data)

    @property
    def size(self) -> int:
        """Of what is kept [bytes]."""
        return self.message_size + len(self._picture.jpeg)

    def picture(self) -> PagePicture:
        """The picture, made when this is first called; empty if there is none in the message."""
        if self._message is not None:
            with suppress(ImageError):  # which the node counts, by its cause, in the status
                self._picture = self._read_picture(self._message)
            self._message = None
        return self._picture
