//! What the grants promise, on a SQLite file and on PostgreSQL where `TEST_DATABASE_URL` names one.

use std::collections::BTreeSet;

use shared::oauth::{CodeVerifier, ErrorCode, TokenResponse};
use shared::time::Lifetime;

use super::TokenError;
use super::testing::{CALLBACK, World};

const RACERS: usize = 64;

/// Runs `work` sixty-four times at once; those that succeeded, and why the others did not.
async fn race<F>(work: impl Fn() -> F) -> (Vec<TokenResponse>, Vec<TokenError>)
where
    F: Future<Output = Result<TokenResponse, TokenError>> + Send + 'static,
{
    let racing: Vec<_> = (0..RACERS).map(|_| tokio::spawn(work())).collect();
    let (mut won, mut lost) = (Vec::new(), Vec::new());
    for racer in racing {
        match racer.await.unwrap() {
            Ok(tokens) => won.push(tokens),
            Err(error) => lost.push(error),
        }
    }
    (won, lost)
}

fn code_of(result: Result<TokenResponse, TokenError>) -> ErrorCode {
    result.expect_err("a refusal").code()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_sixty_four_redemptions_of_a_code_one_wins_and_the_replays_revoke_it() {
    for world in World::all().await {
        let code = world.code("web", None).await;
        let (won, lost) = race(|| {
            let (world, code) = (world.clone(), code.clone());
            async move { world.redeem_code("web", &code).await }
        })
        .await;
        assert_eq!(won.len(), 1);
        assert!(
            lost.iter()
                .all(|error| matches!(error, TokenError::CodeReplayed)),
            "{lost:?}"
        );
        assert!(!world.is_alive(&won[0].access_token).await);
        let refresh_token = won[0].refresh_token.clone().unwrap();
        let refreshed = world.refresh("web", &refresh_token).await;
        assert!(matches!(refreshed, Err(TokenError::RefreshTokenRevoked)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn within_grace_sixty_four_uses_of_a_refresh_token_give_one_successor() {
    for world in World::all().await {
        let token = world.refresh_token("web").await;
        let (won, lost) = race(|| {
            let (world, token) = (world.clone(), token.clone());
            async move { world.refresh("web", &token).await }
        })
        .await;
        assert!(lost.is_empty(), "{lost:?}");
        let successors: BTreeSet<_> = won
            .iter()
            .map(|tokens| tokens.refresh_token.clone())
            .collect();
        assert_eq!(successors.len(), 1);
        let successor = successors.into_iter().next().flatten().unwrap();
        assert!(world.refresh("web", &successor).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_grace_one_use_of_a_refresh_token_wins_and_the_family_is_revoked() {
    for world in World::all().await {
        let token = world.refresh_token("strict").await;
        let (won, lost) = race(|| {
            let (world, token) = (world.clone(), token.clone());
            async move { world.refresh("strict", &token).await }
        })
        .await;
        assert_eq!(won.len(), 1);
        assert!(
            lost.iter()
                .all(|error| error.code() == ErrorCode::InvalidGrant),
            "{lost:?}"
        );
        assert!(!world.is_alive(&won[0].access_token).await);
        let successor = won[0].refresh_token.clone().unwrap();
        assert!(world.refresh("strict", &successor).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_token_after_grace_or_with_a_used_successor_revokes_its_family() {
    for world in World::all().await {
        let token = world.refresh_token("web").await;
        let successor = world
            .refresh("web", &token)
            .await
            .unwrap()
            .refresh_token
            .unwrap();
        world.clock.advance(Lifetime::from_seconds(30));
        let again = world.refresh("web", &token).await.unwrap();
        assert_eq!(again.refresh_token.as_ref(), Some(&successor));
        world.clock.advance(Lifetime::from_seconds(1));
        let late = world.refresh("web", &token).await;
        assert!(matches!(late, Err(TokenError::RefreshTokenReused)));
        assert!(world.refresh("web", &successor).await.is_err());

        let token = world.refresh_token("web").await;
        let successor = world
            .refresh("web", &token)
            .await
            .unwrap()
            .refresh_token
            .unwrap();
        let next = world.refresh("web", &successor).await.unwrap();
        let stolen = world.refresh("web", &token).await;
        assert!(matches!(stolen, Err(TokenError::RefreshTokenReused)));
        assert!(!world.is_alive(&next.access_token).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrowed_refresh_keeps_the_scope_of_the_grant() {
    for world in World::all().await {
        let token = world.refresh_token("web").await;
        let with_scope = |token: String, scope: &'static str| {
            let world = world.clone();
            async move {
                let pairs = [
                    ("grant_type", "refresh_token"),
                    ("refresh_token", token.as_str()),
                    ("scope", scope),
                ];
                world.redeem("web", &pairs).await
            }
        };
        assert_eq!(
            code_of(with_scope(token.clone(), "openid email").await),
            ErrorCode::InvalidScope
        );
        let narrowed = with_scope(token, "profile").await.unwrap();
        assert_eq!(narrowed.scope.unwrap().to_string(), "profile");
        assert!(narrowed.id_token.is_none());
        let widened = world
            .refresh("web", &narrowed.refresh_token.unwrap())
            .await
            .unwrap();
        assert_eq!(widened.scope.unwrap().to_string(), "openid profile");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_request_that_is_valid_in_every_other_respect_revokes() {
    for world in World::all().await {
        let code = world.code("web", None).await;
        let tokens = world.redeem_code("web", &code).await.unwrap();
        let of_another = world.redeem_code("other", &code).await;
        assert!(matches!(of_another, Err(TokenError::CodeOfAnotherClient)));
        let elsewhere = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", "http://localhost:8080/callback/"),
        ];
        let elsewhere = world.redeem("web", &elsewhere).await;
        assert!(matches!(elsewhere, Err(TokenError::CodeRedirectUri)));
        assert!(world.is_alive(&tokens.access_token).await);
        assert_eq!(
            code_of(world.redeem_code("web", &code).await),
            ErrorCode::InvalidGrant
        );
        assert!(!world.is_alive(&tokens.access_token).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_with_a_challenge_needs_its_verifier_and_survives_a_few_wrong_ones() {
    for world in World::all().await {
        let verifier = CodeVerifier::generate().unwrap();
        let code = world.code("web", Some(verifier.challenge())).await;
        let redeem = |verifier: Option<CodeVerifier>| {
            let (world, code) = (world.clone(), code.clone());
            async move {
                let verifier = verifier.as_ref().map_or("", CodeVerifier::expose);
                let pairs = [
                    ("grant_type", "authorization_code"),
                    ("code", code.as_str()),
                    ("redirect_uri", CALLBACK),
                    ("code_verifier", verifier),
                ];
                world.redeem("web", &pairs).await
            }
        };
        assert!(matches!(
            redeem(None).await,
            Err(TokenError::VerifierMissing)
        ));
        for _ in 0..4 {
            let wrong = redeem(CodeVerifier::generate().ok()).await;
            assert!(matches!(wrong, Err(TokenError::VerifierWrong)));
        }
        let tokens = redeem(Some(verifier)).await.unwrap();
        assert!(tokens.id_token.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_refused_after_five_wrong_verifiers_after_its_time_and_when_downgraded() {
    for world in World::all().await {
        let verifier = CodeVerifier::generate().unwrap();
        let code = world.code("web", Some(verifier.challenge())).await;
        let redeem = |code: String, verifier: CodeVerifier| {
            let world = world.clone();
            async move {
                let pairs = [
                    ("grant_type", "authorization_code"),
                    ("code", code.as_str()),
                    ("redirect_uri", CALLBACK),
                    ("code_verifier", verifier.expose()),
                ];
                world.redeem("web", &pairs).await
            }
        };
        for _ in 0..5 {
            let wrong = redeem(code.clone(), CodeVerifier::generate().unwrap()).await;
            assert!(matches!(wrong, Err(TokenError::VerifierWrong)));
        }
        let right = redeem(code, verifier.clone()).await;
        assert!(matches!(right, Err(TokenError::VerifierGuessed)));
        let without_challenge = world.code("web", None).await;
        let downgraded = redeem(without_challenge.clone(), verifier).await;
        assert!(matches!(downgraded, Err(TokenError::VerifierUnexpected)));
        world.clock.advance(Lifetime::from_seconds(60));
        let late = world.redeem_code("web", &without_challenge).await;
        assert!(matches!(late, Err(TokenError::CodeExpired)));
    }
}
