"""The MCP Python SDK: from a 401 to a list of tools, and a refresh. Its own `client_metadata_url` makes it use
the document, so there is no registration."""

import asyncio
import sys
from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

ISSUER, DOCUMENT = sys.argv[1:]
MCP = f"{ISSUER}/mcp"


class Kept:
    tokens = client = answer = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client

    async def browse(self, url):
        """What the browser of the user does."""
        async with httpx2.AsyncClient(follow_redirects=False, trust_env=False) as browser:
            response = await browser.get(url)
        assert response.status_code == 303, response.text
        query = parse_qs(urlsplit(response.headers["location"]).query)
        self.answer = {name: query[name][0] for name in ("code", "state", "iss")}

    async def answered(self):
        return AuthorizationCodeResult(**self.answer)


async def main():
    kept = Kept()
    # The document has no port.
    metadata = OAuthClientMetadata(client_name="test", redirect_uris=["http://127.0.0.1:58135/callback"])
    provider = OAuthClientProvider(
        MCP, metadata, kept, kept.browse, kept.answered, client_metadata_url=DOCUMENT
    )
    async with httpx2.AsyncClient(auth=provider, trust_env=False) as http:
        async with Client(streamable_http_client(MCP, http_client=http)) as client:
            assert kept.client.client_id == DOCUMENT
            assert kept.answer["iss"] == ISSUER
            assert (await client.list_tools()).tools == []
            old, kept.answer = kept.tokens, None
            provider.context.token_expiry_time = 1  # as if an hour had passed
            await client.send_ping()
            assert kept.tokens.access_token != old.access_token
            assert kept.tokens.refresh_token != old.refresh_token
            assert kept.answer is None, "the user was asked again"


asyncio.run(main())
