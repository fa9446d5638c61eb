"""An app for tests alone: one kind of record on the kit, as an app of the portal would write it."""
