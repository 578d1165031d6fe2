## Take it away: a flow as files for other tools

flow-nav-export = Take it away
export-heading = Take it away
export-lead = This flow as files for other tools, drawn from the record.
export-title-of-client = { $grant }, client { $client }
export-values-title = Secrets
export-values-redacted = Hidden
export-values-shown = With all values
export-redacted-text = Passwords, secrets, codes and tokens are not in these files, nor is anything that is not known to be harmless. A value that travels has a name instead, such as ‹code 1›: the same name wherever it appears.
export-warning-title = These files hold every password, secret and token of the flow.
export-warning-text = They are those of a demo. Even so, do not pass such files on: what becomes a habit here does harm elsewhere.
export-files-title = Files
export-download = Download
export-preview = Preview

export-format-sh = curl script
export-about-sh = Runs as it is in bash: it plays the client and the browser, signs in, agrees, trades the code and calls the API, with fresh values each time. Every answer is compared with the recorded one. What is hidden is asked of the environment.

export-format-har = HAR 1.2
export-about-har = For a browser's developer tools and for HTTP debuggers: every request and answer with its headers, its times and its checks.
export-format-md = Report in Markdown
export-about-md = To read, print or hand in: the result, what can be said of it, who knows what, and each exchange in sentences with its parameters and checks.
export-format-mmd = Mermaid
export-about-mmd = The sequence diagram as text, for wikis, documents and slides that draw Mermaid.

export-report-result = Result
export-report-began = Began
export-report-error = Error
export-report-knows = Who knows what
export-report-value = Value
export-report-parameter = Parameter
export-report-place = Place
export-report-address-bar = Address bar and history
export-report-since = since step { $step }

export-settings-link = Link with these settings
export-settings-hint = It carries what you chose here and nothing else: no secret can be in it.
export-settings-title = Run it again
export-settings-text = A link to the page of this grant with the scopes of this flow. It carries settings only, never a secret, so it can be passed on.

export-pictures-title = Pictures
export-pictures-text = The diagram for slides, handouts and documents. Pictures name values and never show one.
export-picture-map = Map
export-picture-sequence = Sequence
export-theme-light = on white
export-theme-dark = on dark
export-png-failed = The PNG could not be made: this browser does not draw the picture. The SVG holds the same.
export-png-script = PNG is drawn by this browser and needs JavaScript; SVG does not.

export-preview-cut = This is its beginning. The file holds the rest.
export-left-out = Only the first { $most } exchanges of this flow are in this file; { $count } after them were left out.
export-link-title = A link to this flow
export-link-text = For whoever reaches this client app: it opens the flow in your language, as long as the record keeps it.
