"""Amazon's side of the sandbox: orders, tokens, quotas, uploads; without a socket."""
