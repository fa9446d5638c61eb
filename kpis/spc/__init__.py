"""Statistical process control: plain values in, plain values out; nothing here knows Django, a page or a database."""
