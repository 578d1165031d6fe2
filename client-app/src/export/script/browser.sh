
# A browser: it keeps cookies, follows redirects, and fills in the provider's two forms.
page() {
    status=$(curl --silent --show-error --globoff --max-time 60 --cookie "$work/cookies" --cookie-jar "$work/cookies" \
        --header 'Accept: text/html' --dump-header "$work/head" --output "$work/body" \
        --write-out '%{http_code}' "$@") || fail 'the auth server cannot be reached'
    location=$(sed -n 's/^[Ll]ocation:[[:space:]]*//p' "$work/head" | tr -d '\r' | head -n 1)
    case $location in
    /*) location=$ORIGIN$location ;;
    esac
}

# The value of a hidden field of the form on the page.
field() { sed -n "s/.*name=\"$1\" value=\"\([^\"]*\)\".*/\1/p" "$work/body" | head -n 1; }

# The scopes that stand ticked on the consent page.
ticked() { sed -n -e 's/.*type="checkbox" name="scope" value="\([^"]*\)" checked.*/\1/p' \
    -e 's/.*type="hidden" name="scope" value="\([^"]*\)".*/\1/p' "$work/body"; }

# Signs in and decides, until the browser is sent back to the client.
# $1: user name, $2: password, $3: allow, deny or cancel, $4: the scopes to allow, or nothing for those on the page.
sign_in_and_decide() {
    signed_in=no
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        case $location in
        "$REDIRECT_URI" | "$REDIRECT_URI"[?\#]*) return ;;
        '') ;;
        *)
            page "$location"
            continue
            ;;
        esac
        set -- "$1" "$2" "$3" "${4-}" --header "Origin: $ORIGIN" \
            --data-urlencode "csrf=$(field csrf)" --data-urlencode "interaction=$(field interaction)"
        if grep -q 'id="login-submit"' "$work/body"; then
            [ "$signed_in" = no ] || fail 'the auth server does not accept this user name and password'
            signed_in=yes
            sign_in "$@"
        elif grep -q 'id="consent-allow"' "$work/body"; then
            decide "$@"
        else
            fail "the auth server answered $status with a page that is neither sign-in nor consent"
        fi
    done
    fail 'the browser did not come back to the client'
}

sign_in() {
    name=$1 word=$2 decision=$3
    shift 4
    if [ "$decision" = cancel ]; then
        set -- "$@" --data-urlencode 'cancel=yes'
    fi
    page "$@" --data-urlencode "username=$name" --data-urlencode "password=$word" "$ISSUER/login"
}

decide() {
    decision=$3 scopes=${4:-$(ticked)}
    shift 4
    for scope in $scopes; do
        set -- "$@" --data-urlencode "scope=$scope"
    done
    page "$@" --data-urlencode "decision=$decision" "$ISSUER/consent"
}

# A parameter of the address to which the browser was sent back: in the query, or in the fragment.
parameter() { printf '%s\n' "$location" | tr '?&#' '\n\n\n' | sed -n "s/^$1=//p" | head -n 1; }
