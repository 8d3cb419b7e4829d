"""Amazon's API as data: its operations, the bodies that go out, the answers that come back."""
