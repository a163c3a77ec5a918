"""Messages that leave by another way than the page: rows first, then one adapter per channel."""
