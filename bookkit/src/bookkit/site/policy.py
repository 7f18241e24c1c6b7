"""What the site's pages may do: the policy that docs/hosting.md has servers send."""

#: The hash is of the line that applies the colours which a reader chose.
POLICY = (
    "default-src 'none'; "
    "script-src 'self' 'sha256-kMHvkUe2wEv2mEutYcfA7nx2pon6B6xlXTEo3ur6jKw='; "
    "style-src 'self'; img-src 'self' data:; media-src data:; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
