
fail() { printf '%s\n' "$1" >&2; exit 1; }
for tool in curl sed grep tr od head mktemp; do
    command -v "$tool" >/dev/null 2>&1 || fail "this script needs $tool"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
differs=0

step() { printf '\n%s\n' "$1"; }

# Says what came, and what had come when the flow was recorded ($1).
compare() {
    if [ "$status" = "$1" ]; then
        printf '  -> %s\n' "$status"
    else
        printf '  -> %s (recorded: %s)\n' "$status" "$1"
        differs=$((differs + 1))
    fi
}

# Sends one request; the answer is left in $work/head and $work/body. $1: the status that was recorded.
request() {
    recorded=$1
    shift
    : >"$work/body"
    status=$(curl --silent --show-error --globoff --path-as-is --max-time 60 --dump-header "$work/head" \
        --output "$work/body" --write-out '%{http_code}' "$@") || status=000
    compare "$recorded"
}

show_body() { head -c 400 "$work/body" | sed 's/^/  /'; echo; }

# The text of a member of the JSON in the last answer.
member() {
    tr -d '\r\n' <"$work/body" | sed -n "s/.*\"$1\"[[:space:]]*:[[:space:]]*\"\([^\"]*\)\".*/\1/p"
}

# Percent-encodes text (RFC 3986 §2.1): client id and secret are encoded before Basic (RFC 6749 §2.3.1).
encode() { printf %s "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g'; }

# 256 random bits in hex: long enough for a state and for a code verifier (RFC 7636 §4.1).
random_text() { od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n'; }
