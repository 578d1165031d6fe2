// The authorization response leaves by itself (OAuth 2.0 Form Post Response Mode §2); without scripts there is a button.

document.getElementById("form-post").submit();
