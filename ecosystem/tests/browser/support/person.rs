//! What a person does on the pages of the three services: only what stands on them is used.

use super::browser::Browser;
use super::world::World;

impl Browser {
    /// Opens the page of a grant, by way of the start page.
    pub(crate) async fn chooses(&self, world: &World, grant: &str) {
        self.open(&world.app("/")).await;
        self.press(&format!("a.button[href$='/grants/{grant}']"))
            .await;
        self.comes_to(&world.app(&format!("/grants/{grant}"))).await;
    }

    /// Writes a name and password on the auth server's page, and sends them.
    pub(crate) async fn signs_in(&self, username: &str, password: &str) {
        self.fill("#username", username).await;
        self.fill("#password", password).await;
        self.press("#login-submit").await;
    }

    /// Signs in as alice and allows what is asked.
    pub(crate) async fn signs_in_and_allows(&self) {
        self.signs_in("alice", "alice-password").await;
        self.press("#consent-allow").await;
    }

    /// Runs the authorization code grant to its tokens.
    pub(crate) async fn gets_tokens(&self, world: &World) {
        self.chooses(world, "authorization-code").await;
        self.press("#run").await;
        self.signs_in_and_allows().await;
        self.comes_to(&world.app("/runs/")).await;
    }

    /// Calls the API and sees the photos that are alice's, all of them.
    pub(crate) async fn sees_photos(&self) {
        self.press("#call-photos").await;
        self.finds_many(".photos .photo img", 4).await;
        let captions = self.texts(".photos .photo .caption").await;
        let all = [
            "First light on the ridge",
            "The ferry to Bergen",
            "Dinah, not amused",
            "Balcony in May",
        ];
        for caption in all {
            assert!(captions.iter().any(|text| text == caption), "{captions:?}");
        }
        let drawn = "return [...document.querySelectorAll('.photos img')].every(i => i.complete && i.naturalWidth > 0)";
        self.waits_until(drawn).await;
    }

    /// The id of the check that said no, as the page tells it.
    pub(crate) async fn failed_check(&self) -> String {
        let id = self.attribute(".check-failed", "data-check").await;
        id.expect("a check with an id")
    }

    /// Sees that a step was refused by this check, and goes to its flow, where the same check stands failed.
    pub(crate) async fn is_refused_by(&self, check: &str, name: &str) {
        self.finds(".check-failed").await;
        assert_eq!(self.failed_check().await, check);
        self.look(name).await;
        self.follows_the_flow(name).await;
        let failed = self.texts(".timeline .said-no").await;
        let told = failed.iter().any(|text| text.contains(check));
        assert!(told, "the flow tells {failed:?}");
    }

    /// Goes to the flow of what is shown.
    pub(crate) async fn follows_the_flow(&self, name: &str) {
        self.press("#see-flow").await;
        self.finds(".timeline .exchange").await;
        self.look(&format!("flow-{name}")).await;
    }
}
