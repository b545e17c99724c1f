"""`make demo`: two paper bots on a replayed chart, through the real webhook."""
