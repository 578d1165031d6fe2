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
