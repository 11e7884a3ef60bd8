# Sourced. Certificates with the openssl program: ECDSA P-256, one year.
# shellcheck shell=bash

# make_ca DIR NAME COMMON-NAME
make_ca() {
  [ -e "$1/$2.crt" ] && return
  (
    umask 077
    openssl ecparam -name prime256v1 -genkey -noout -out "$1/$2.key"
    openssl req -x509 -new -key "$1/$2.key" -subj "/CN=$3" -days 3650 -out "$1/$2.crt" \
      -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,digitalSignature,keyCertSign,cRLSign'
  )
}

# make_leaf DIR CA-NAME NAME SUBJECT [SUBJECT-ALT-NAMES]: with names a server's, without a client's
make_leaf() {
  [ -e "$1/$3.crt" ] && return
  (
    umask 077
    openssl ecparam -name prime256v1 -genkey -noout -out "$1/$3.key"
    openssl req -new -key "$1/$3.key" -subj "$4" -out "$1/$3.csr"
    {
      # A server's certificate must not pass for a client's: bootd is no controller.
      if [ -n "${5:-}" ]; then
        printf 'extendedKeyUsage=serverAuth\nsubjectAltName=%s\n' "$5"
      else
        echo 'extendedKeyUsage=clientAuth'
      fi
    } > "$1/$3.ext"
    openssl x509 -req -in "$1/$3.csr" -CA "$1/$2.crt" -CAkey "$1/$2.key" -CAcreateserial -days 365 \
      -extfile "$1/$3.ext" -out "$1/$3.crt" 2> /dev/null
    rm -f "$1/$3.csr" "$1/$3.ext"
  )
}
