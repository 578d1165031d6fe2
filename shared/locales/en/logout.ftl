# Signing out, at the authorization server: /logout, and the sessions on /apps.

# /logout
logout-title = Sign out
logout-question = Sign { $name } out of this server?
logout-question-client = { $client } asks to sign { $name } out of this server.
logout-from-nobody = The request names an address to go on to, but no app that has registered it. Whatever you choose, you stay on this server.
logout-effect = The apps that you used in this session are told, and their access ends. Only an app that you have allowed to stay connected while you are away (offline_access) keeps it, until you take it back.
logout-confirm = Sign out
logout-stay = Stay signed in
logout-kept-title = You stay signed in
logout-kept-text = Nothing has ended: { $name } is still signed in here.
logout-none-title = You are not signed in
logout-none-text = There is no session to end in this browser.
logout-apps-link = See the apps that may act for you
logout-continue = Go on to { $client }
logout-continue-now = Go on
logout-done-title = You are signed out
logout-done-text = This browser no longer has a session here.
logout-told-title = Apps that this server has told
logout-told-hint = Server to server, with a signed logout token (Back-Channel Logout): it reaches an app wherever its session is.
logout-told-told = has ended its session
logout-told-refused = did not accept it
logout-told-failed = could not be reached
logout-told-waiting = has not answered yet
logout-frames-title = Apps that your browser tells
logout-frames-hint = Each app's sign-out address is loaded in a hidden frame (Front-Channel Logout). Browsers that keep third-party cookies back make this unreliable: then the app does not recognise you in the frame.
logout-frame-title = { $client } ends its session

# /apps: where the person is signed in, and single grants
apps-sessions-title = Where you are signed in
apps-sessions-text = Each browser in which you signed in at this server has a session of its own. Ending one is signing out there: the apps that you used in it are told.
apps-sessions-more = … and more: only those that were used last are listed. Signing out everywhere ends all of them.
apps-session-browser = { $browser } on { $system }
apps-session-unknown = A program that does not say what it is
apps-session-here = this browser
apps-session-since = Signed in
apps-session-last-used = Last used
apps-session-end = End this session
apps-session-end-here = Sign out here
apps-session-ended = The session has ended, and the apps that were used in it have been told.
apps-everywhere = Sign out everywhere
apps-grants = { $count ->
    [one] One grant
   *[other] { $count } grants
}
apps-grants-more = { $count } grants and more
apps-grants-latest = Only the latest are listed. Taking back what the app may do takes all of them back.
apps-grants-unseen = There are more grants than this page looks through, and none of the latest is alive. Taking back what the app may do takes all of them back.
apps-grant-offline = outlives the session
apps-take-back-grant = Take this grant back
apps-grant-taken-back = That grant has been taken back; its tokens no longer work.

# Error pages. Kinds: PageError::kind().
error-page-logout-hint-title = This sign-out request cannot be trusted
error-page-logout-hint-text = Its id_token_hint is not an ID token that this server issued. It may have been changed on the way. Nothing has ended: if you were signed in, you still are.
error-page-logout-hint-next = To sign out, open this server's own sign-out page. If you wrote the app: send the ID token exactly as you received it; it may have expired.
error-page-logout-client-title = This sign-out request contradicts itself
error-page-logout-client-text = Its id_token_hint was issued to another app than the one that client_id names. Nothing has ended: if you were signed in, you still are.
error-page-logout-client-next = To sign out, open this server's own sign-out page. If you wrote the app: send the client_id to which the ID token was issued, or leave it out.
error-page-logout-redirect-title = Signing out would lead to an unknown address
error-page-logout-redirect-text = The post_logout_redirect_uri of this request is not registered for this app. It is compared character by character; a query that was added makes it another address. Nothing has ended: if you were signed in, you still are.
error-page-logout-redirect-next = To sign out, open this server's own sign-out page. If you wrote the app: register this address, or send the registered one exactly, and put what you need to remember into state.
# At the client app: the button, the way back, the frame.
run-sign-out-title = Sign out
run-sign-out-text = Ends your session at the provider, and with it the one here: the provider tells every app that you used in it.
run-sign-out = Sign out at the provider
signed-out-title = You are signed out
signed-out-lead = The provider has ended your session, and the print shop has ended its own: it keeps no token of it any more.
signed-out-how = How the print shop learned of it
signed-out-by-back-channel = The provider told it, server to server: a signed logout token came to /backchannel-logout, and the tokens were dropped at once (Back-Channel Logout).
signed-out-by-front-channel = Your browser told it: the provider's page loaded /frontchannel-logout in a frame, with iss and sid (Front-Channel Logout).
signed-out-by-return = Nobody had told it before your browser came back, so it ended its session then. Without you, it would have gone on.
signed-out-dropped = The tokens of this run have been dropped. What they were is still in the record of its flow.
signed-out-lesson = Signing out, three ways
signed-out-run = The run that it was
logout-frame-page-title = Front-channel logout
logout-frame-page-done = The session has ended.
logout-frame-page-refused = This names no session of the print shop. Nothing has ended.
