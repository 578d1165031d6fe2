
# RFC 7636 §4.2: BASE64URL(SHA-256(code_verifier)).
command -v awk >/dev/null 2>&1 || fail 'this script needs awk'
s256() {
    if command -v sha256sum >/dev/null 2>&1; then
        printf %s "$1" | sha256sum
    elif command -v shasum >/dev/null 2>&1; then
        printf %s "$1" | shasum -a 256
    elif command -v openssl >/dev/null 2>&1; then
        printf %s "$1" | openssl dgst -sha256 -r
    else
        fail 'this script needs sha256sum, shasum or openssl'
    fi | awk '{
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        for (at = 1; at <= 64; at++) {
            value = value * 16 + index("0123456789abcdef", substr($1, at, 1)) - 1
            for (bits += 4; bits >= 6; bits -= 6) {
                digit = int(value / 2 ^ (bits - 6))
                value -= digit * 2 ^ (bits - 6)
                text = text substr(letters, digit + 1, 1)
            }
        }
        print text substr(letters, value * 4 + 1, 1)
    }'
}
