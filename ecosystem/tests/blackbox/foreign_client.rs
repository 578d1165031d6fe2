//! The `openidconnect` crate, a client that none of us wrote: every feature that it has and this server offers. It
//! revokes tokens by HTTPS alone, so that is not tried here.
//!
//! Other clients that none of us wrote are in `interop`; its README.md lists what each does.

use std::str::FromStr;

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreClientRegistrationRequest,
    CoreClientRegistrationResponse, CoreDeviceAuthorizationResponse, CoreGrantType, CoreIdToken,
    CoreIdTokenClaims, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreResponseType,
    CoreUserInfoClaims,
};
use openidconnect::registration::EmptyAdditionalClientMetadata;
use openidconnect::{
    AccessTokenHash, AuthType, AuthorizationCode, AuthorizationCodeHash, ClientId, ClientSecret,
    CsrfToken, DeviceAuthorizationUrl, HttpRequest, HttpResponse, IntrospectionUrl, IssuerUrl,
    LogoutRequest, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PostLogoutRedirectUrl,
    ProviderMetadataWithLogout, RedirectUrl, RefreshToken, ResourceOwnerPassword,
    ResourceOwnerUsername, ResponseTypes, Scope, TokenIntrospectionResponse, TokenResponse,
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

/// Where the answers of clients go that registered themselves.
const OWN: &str = "http://localhost:7/callback";

/// A client that the crate registers; `choose` says what for.
async fn register(
    metadata: &CoreProviderMetadata,
    choose: impl FnOnce(CoreClientRegistrationRequest) -> CoreClientRegistrationRequest,
) -> CoreClientRegistrationResponse {
    let redirect = RedirectUrl::new(OWN.to_owned()).unwrap();
    let request = CoreClientRegistrationRequest::new(
        vec![redirect],
        EmptyAdditionalClientMetadata::default(),
    );
    let request = choose(request);
    let endpoint = metadata.registration_endpoint();
    let made = request.register_async(endpoint.expect("an endpoint"), &http);
    made.await.expect("a client")
}

/// Alice agrees to a request of a client that registered itself; what came back after the `#`.
async fn agree_in_fragment(url: &str) -> url::Url {
    let mut back = agree(url, OWN).await;
    let sent = back.fragment().expect("an answer").to_owned();
    back.set_query(Some(&sent));
    back
}

#[tokio::test]
async fn the_openidconnect_crate_registers_itself_and_signs_in_by_each_method() {
    let world = World::new().await;
    let metadata = discover(&world).await;
    for (method, kind) in [
        (CoreClientAuthMethod::ClientSecretBasic, AuthType::BasicAuth),
        (
            CoreClientAuthMethod::ClientSecretPost,
            AuthType::RequestBody,
        ),
    ] {
        // The crate verifies a signed answer by RS256 alone.
        let algorithm = CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256;
        let made = register(&metadata, |request| {
            request
                .set_token_endpoint_auth_method(Some(method))
                .set_userinfo_signed_response_alg(Some(algorithm))
        })
        .await;
        let client = CoreClient::from_provider_metadata(
            metadata.clone(),
            made.client_id().clone(),
            made.client_secret().cloned(),
        )
        .set_redirect_uri(RedirectUrl::new(OWN.to_owned()).unwrap())
        .set_auth_type(kind);
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let (url, _, nonce) = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scope(Scope::new("profile".to_owned()))
            .url();
        let code = parameter(&agree(url.as_str(), OWN).await, "code").expect("a code");
        let tokens = client
            .exchange_code(AuthorizationCode::new(code))
            .unwrap()
            .request_async(&http)
            .await
            .expect("tokens");
        let id_token = tokens.id_token().expect("an ID token");
        let claims = id_token.claims(&client.id_token_verifier(), &nonce);
        let subject = claims.expect("one that verifies").subject().clone();
        let userinfo: CoreUserInfoClaims = client
            .user_info(tokens.access_token().clone(), Some(subject))
            .unwrap()
            .require_signed_response(true)
            .request_async(&http)
            .await
            .expect("signed userinfo");
        assert!(userinfo.name().is_some());
    }
}

/// The claims of the ID token in `back`, verified.
fn front_claims(
    metadata: &CoreProviderMetadata,
    made: &CoreClientRegistrationResponse,
    (back, nonce): (&url::Url, &Nonce),
) -> CoreIdTokenClaims {
    let client = CoreClient::from_provider_metadata(
        metadata.clone(),
        made.client_id().clone(),
        made.client_secret().cloned(),
    );
    let id_token = CoreIdToken::from_str(&parameter(back, "id_token").expect("one")).unwrap();
    let verifier = client.id_token_verifier();
    let claims = id_token.claims(&verifier, nonce).expect("it verifies");
    let (algorithm, key) = (
        id_token.signing_alg().unwrap(),
        id_token.signing_key(&verifier).unwrap(),
    );
    if let Some(code) = parameter(back, "code") {
        let hash = AuthorizationCodeHash::from_code(&AuthorizationCode::new(code), algorithm, key);
        assert_eq!(claims.code_hash(), Some(&hash.unwrap()));
    }
    claims.clone()
}

#[tokio::test]
async fn the_openidconnect_crate_takes_an_id_token_through_the_browser() {
    let world = World::new().await;
    let metadata = discover(&world).await;
    let hybrid = vec![CoreResponseType::Code, CoreResponseType::IdToken];
    for (types, flow, grants) in [
        (
            hybrid.clone(),
            CoreAuthenticationFlow::Hybrid(hybrid),
            vec![CoreGrantType::AuthorizationCode, CoreGrantType::Implicit],
        ),
        (
            vec![CoreResponseType::IdToken],
            CoreAuthenticationFlow::Implicit(false),
            vec![CoreGrantType::Implicit],
        ),
    ] {
        let made = register(&metadata, |request| {
            request
                .set_response_types(Some(vec![ResponseTypes::new(types)]))
                .set_grant_types(Some(grants))
        })
        .await;
        let client = CoreClient::from_provider_metadata(
            metadata.clone(),
            made.client_id().clone(),
            made.client_secret().cloned(),
        )
        .set_redirect_uri(RedirectUrl::new(OWN.to_owned()).unwrap());
        let (url, _, nonce) = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .url();
        let back = agree_in_fragment(url.as_str()).await;
        let claims = front_claims(&metadata, &made, (&back, &nonce));
        let Some(code) = parameter(&back, "code") else {
            continue;
        };
        let tokens = client.exchange_code(AuthorizationCode::new(code)).unwrap();
        let tokens = tokens.request_async(&http).await.expect("tokens");
        let second = tokens.id_token().expect("a second ID token");
        let second = second.claims(&client.id_token_verifier(), &nonce).unwrap();
        assert_eq!(second.subject(), claims.subject());
    }
}

#[tokio::test]
async fn the_openidconnect_crate_connects_a_device() {
    let world = World::new().await;
    let endpoint = DeviceAuthorizationUrl::new(world.auth("/device_authorization")).unwrap();
    let client = CoreClient::from_provider_metadata(
        discover(&world).await,
        ClientId::new("tv".to_owned()),
        None,
    )
    .set_device_authorization_url(endpoint);
    let asked: CoreDeviceAuthorizationResponse = client
        .exchange_device_code()
        .add_scope(Scope::new("photos:read".to_owned()))
        .request_async(&http)
        .await
        .expect("a device code");
    let complete = asked.verification_uri_complete().expect("it");
    let mut browser = Browser::new();
    let page = browser.open(complete.secret()).await;
    let page = browser.press(&page, "device-submit", &[]).await;
    let fields = [("username", ALICE.username), ("password", ALICE.password)];
    let page = browser.press(&page, "login-submit", &fields).await;
    browser.press(&page, "device-confirm", &[]).await;
    let tokens = client
        .exchange_device_access_token(&asked)
        .unwrap()
        .request_async(&http, tokio::time::sleep, None)
        .await
        .expect("tokens");
    let claims = tokens.id_token().expect("an ID token");
    let any = |_: Option<&Nonce>| Ok(());
    assert!(claims.claims(&client.id_token_verifier(), any).is_ok());
}

#[tokio::test]
async fn the_openidconnect_crate_takes_a_password_and_an_api_asks_about_the_token() {
    let world = World::new().await;
    let metadata = discover(&world).await;
    let of = |id: &str, secret: &str| {
        CoreClient::from_provider_metadata(
            metadata.clone(),
            ClientId::new(id.to_owned()),
            Some(ClientSecret::new(secret.to_owned())),
        )
    };
    let (name, password) = (ALICE.username.to_owned(), ALICE.password.to_owned());
    let tokens = of("trusted", "trusted-secret")
        .exchange_password(
            &ResourceOwnerUsername::new(name),
            &ResourceOwnerPassword::new(password),
        )
        .unwrap()
        .add_scope(Scope::new("photos:read".to_owned()))
        .request_async(&http)
        .await
        .expect("tokens");
    let endpoint = IntrospectionUrl::new(world.auth("/introspect")).unwrap();
    let api = of("resource-server", "resource-server-secret").set_introspection_url(endpoint);
    let told = api.introspect(tokens.access_token());
    let told = told.request_async(&http).await.expect("an answer");
    assert!(told.active());
    assert_eq!(told.client_id().map(|id| id.as_str()), Some("trusted"));
}

#[tokio::test]
async fn the_openidconnect_crate_signs_out() {
    let world = World::new().await;
    let tokens = world.tokens(WEB, "openid").await;
    let id_token = tokens.body["id_token"].as_str().expect("an ID token");
    let id_token = CoreIdToken::from_str(id_token).unwrap();
    let issuer = IssuerUrl::new(world.auth("")).unwrap();
    let metadata = ProviderMetadataWithLogout::discover_async(issuer, &http);
    let metadata = metadata.await.expect("discovery");
    let endpoint = metadata.additional_metadata().end_session_endpoint.clone();
    let back = format!("{}/signed-out", world.app(""));
    let url = LogoutRequest::from(endpoint.expect("an endpoint"))
        .set_id_token_hint(&id_token)
        .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(back.clone()).unwrap())
        .set_state(CsrfToken::new("left".to_owned()))
        .http_get_url();
    let mut browser = Browser::new();
    let page = browser.open_until(url.as_str(), &back).await;
    let page = if page.response.status == 200 && page.has("logout-confirm") {
        browser
            .press_until(&page, "logout-confirm", &[], &back)
            .await
    } else {
        page
    };
    let location = if page.response.status == 200 {
        let link = page.element("logout-continue");
        url::Url::parse(link.attribute("href").expect("a link")).unwrap()
    } else {
        page.location()
    };
    assert!(location.as_str().starts_with(&back), "{location}");
    assert_eq!(parameter(&location, "state").as_deref(), Some("left"));
}
