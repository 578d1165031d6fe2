//! The `openidconnect` crate, a client that none of us wrote: discovery, sign-in, userinfo, refresh, client credentials.
//!
//! Other clients that none of us wrote (Authlib, requests-oauthlib, openid-client, oauth4webapi) are in `interop`.

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest,
    HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, RedirectUrl,
    RefreshToken, Scope, TokenResponse,
};

use crate::support::{ALICE, Browser, Request, WEB, World};

/// Carries the crate's requests over reqwest, without following redirects.
async fn http(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    #[expect(clippy::disallowed_methods, reason = "a client that is not ours")]
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()?;
    let answer = client.execute(request.try_into()?).await?;
    let mut response = HttpResponse::new(Vec::new());
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    *response.body_mut() = answer.bytes().await?.to_vec();
    Ok(response)
}

/// Alice follows the crate's URL, signs in and agrees; where she is sent back to.
async fn agree(url: &str, callback: &str) -> url::Url {
    let mut browser = Browser::new();
    let page = browser.open_until(url, callback).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser
        .press_until(&page, "login-submit", &fields, callback)
        .await;
    browser
        .press_until(&page, "consent-allow", &[], callback)
        .await
        .location()
}

/// What the crate learns from the issuer alone.
async fn discover(world: &World) -> CoreProviderMetadata {
    let issuer = IssuerUrl::new(world.auth("")).unwrap();
    let metadata = CoreProviderMetadata::discover_async(issuer, &http);
    metadata.await.expect("discovery")
}

/// The value of a parameter of `url`.
fn parameter(url: &url::Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    let (_, value) = pairs.find(|(key, _)| key == name)?;
    Some(value.into_owned())
}

#[tokio::test]
async fn the_openidconnect_crate_signs_in_and_verifies_everything_it_knows() {
    let world = World::new().await;
    let client = CoreClient::from_provider_metadata(
        discover(&world).await,
        ClientId::new("web".to_owned()),
        Some(ClientSecret::new("web-secret".to_owned())),
    )
    .set_redirect_uri(RedirectUrl::new(world.callback(WEB)).unwrap());
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (url, state, nonce) = client
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scope(Scope::new("profile".to_owned()))
        .add_scope(Scope::new("email".to_owned()))
        .set_pkce_challenge(challenge)
        .url();
    let back = agree(url.as_str(), &world.callback(WEB)).await;
    assert_eq!(parameter(&back, "state").as_ref(), Some(state.secret()));

    let code = AuthorizationCode::new(parameter(&back, "code").expect("a code"));
    let tokens = client
        .exchange_code(code)
        .expect("a token endpoint")
        .set_pkce_verifier(verifier)
        .request_async(&http)
        .await
        .expect("tokens");
    let id_token = tokens.id_token().expect("an ID token");
    let id_token_verifier = client.id_token_verifier();
    let claims = id_token
        .claims(&id_token_verifier, &nonce)
        .expect("an ID token that verifies");
    let at_hash = AccessTokenHash::from_token(
        tokens.access_token(),
        id_token.signing_alg().unwrap(),
        id_token.signing_key(&id_token_verifier).unwrap(),
    )
    .unwrap();
    assert_eq!(claims.access_token_hash(), Some(&at_hash));

    let (token, subject) = (tokens.access_token().clone(), claims.subject().clone());
    let userinfo: CoreUserInfoClaims = client
        .user_info(token, Some(subject))
        .expect("a userinfo endpoint")
        .request_async(&http)
        .await
        .expect("userinfo of the same subject");
    assert!(userinfo.email().is_some(), "the scope email was granted");

    let refresh_token = tokens.refresh_token().expect("a refresh token");
    let refreshed = client
        .exchange_refresh_token(refresh_token)
        .unwrap()
        .request_async(&http)
        .await
        .expect("refreshed");
    let rotated = refreshed.refresh_token().map(RefreshToken::secret);
    assert_ne!(rotated, Some(refresh_token.secret()));
}

#[tokio::test]
async fn the_openidconnect_crate_gets_a_token_for_a_machine() {
    let world = World::new().await;
    let client = CoreClient::from_provider_metadata(
        discover(&world).await,
        ClientId::new("service".to_owned()),
        Some(ClientSecret::new("service-secret".to_owned())),
    );
    let tokens = client
        .exchange_client_credentials()
        .unwrap()
        .add_scope(Scope::new("stats:read".to_owned()))
        .request_async(&http)
        .await
        .expect("a token");
    let stats = Request::get(&world.api("/stats"))
        .bearer(tokens.access_token().secret())
        .send()
        .await;
    assert_eq!(stats.status, 200, "{}", stats.text());
}
