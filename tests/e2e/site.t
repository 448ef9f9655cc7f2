#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The wallet page from the real program: what is served is what was built, with its header fields,
# and nothing else is; TLS, browsers and certificates; the page switched off and on.
# shellcheck disable=SC2119
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/backend.sh

backend_make
server_start
wallet_activate
site=$bin/wallet # as the build made it
page() { curl -s -m 20 "$@"; }                       # the body
head_of() { curl -s -m 20 -o /dev/null -D - "$@" | tr -d '\r'; } # status line and fields
code_of() { curl -s -m 20 -o /dev/null -w '%{http_code}' "$@"; }
field() { sed -n "s/^$1: //Ip"; } # of head_of

# ---- the files ----
bad=
while read -r name; do
	path=/${name#index.html}
	page "$url$path" | cmp -s - "$site/$name" || bad="$bad plain:$name"
	page --compressed "$url$path" | cmp -s - "$site/$name" || bad="$bad packed:$name"
	first=$(head_of "$url$path")
	case $first in "HTTP/1.1 200 OK"*) ;; *) bad="$bad status:$name" ;; esac
	[ "$(printf '%s\n' "$first" | field content-length)" = "$(($(wc -c <"$site/$name")))" ] ||
		bad="$bad length:$name"
	case $name in
	*.html) type="text/html; charset=utf-8" ;;
	*.js) type="text/javascript; charset=utf-8" ;;
	*.css) type="text/css; charset=utf-8" ;;
	*.webmanifest) type=application/manifest+json ;;
	*.svg) type=image/svg+xml ;;
	*) type=image/png ;;
	esac
	[ "$(printf '%s\n' "$first" | field content-type)" = "$type" ] || bad="$bad type:$name"
	printf '%s\n' "$first" | sed 1,2d | grep -v -i '^\(content-\(type\|length\)\|etag\|vary\|date\):' |
		sort >>"$tmp/fields.$(printf %s "$name" | tr / _)"
done <"$site/files"
is "$bad" "" "every file of it is served, plain and packed, byte by byte as it was built"
is "$(cat "$tmp"/fields.* | sort -u | wc -l)" "$(wc -l <"$tmp/fields.index.html")" "with the same header fields each"
bad=
for path in $(grep -o '\(href\|src\)="[^"]*"' "$site/index.html" | cut -d'"' -f2) \
	$(grep -o '"/icons/[^"]*"' "$site/manifest.webmanifest" | tr -d '"'); do
	[ "$(code_of "$url$path")" = 200 ] || bad="$bad $path"
done
is "$bad" "" "what the page and its manifest name is there"
packed=$(head_of --compressed "$url/app.js" | field content-length)
[ "$packed" -le "$(($(gzip -9nc "$site/app.js" | wc -c) * 51 / 50))" ]
ok $? "packed as well as gzip does it"

# ---- header fields ----
head_of "$url/" >"$tmp/head"
is "$(field content-security-policy <"$tmp/head")" "default-src 'none'; script-src 'self'; style-src 'self'; \
img-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types wallet-sw" "one policy of content, and strict"
is "$(for f in x-content-type-options referrer-policy cross-origin-opener-policy cross-origin-resource-policy \
	cache-control; do field $f <"$tmp/head"; done | tr '\n' ,)" \
	"nosniff,no-referrer,same-origin,same-origin,no-cache," \
	"nothing is guessed, told on or shared, and each time it is asked whether it changed"
like "$(field permissions-policy <"$tmp/head")" "camera=(self), *microphone=(), geolocation=()" "a camera, and nothing else of the phone"
is "$(grep -i -c 'set-cookie\|strict-transport\|access-control\|^server' "$tmp/head")" 0 "no cookie, no foreign origin"

# ---- the same again ----
etag=$(field etag <"$tmp/head")
is "$(code_of -H "If-None-Match: $etag" "$url/")" 304 "who has it is told so"
is "$(page -H "If-None-Match: $etag" "$url/" | wc -c)" 0 "without a body"
is "$(code_of -H "If-None-Match: \"x\", W/$etag" "$url/")" 304 "in a list, and by a proxy's weak word"
is "$(code_of -H "If-None-Match: ${etag#?}" "$url/")" 200 "not by half a word"
other=$(head_of --compressed "$url/" | field etag)
[ -n "$other" ] && [ "$other" != "$etag" ]
ok $? "the packed one is another one"
is "$(code_of -H "If-None-Match: $etag" --compressed "$url/")" 200 "and is sent to who has the plain one"
is "$(code_of -I "$url/app.js")" 200 "HEAD"

# ---- where codes lead ----
code=$(first_code)
path=/${code#HTTPS://*/}
page "$url$path" | cmp -s - "$site/index.html"
ok $? "a first code leads to the page"
is "$(head_of "$url$path?utm_source=x" | grep -c -i "utm\|${path#/C/}")" 0 "which says nothing of it"
is "$(code_of -X POST -d x "$url$path")" 405 "and takes nothing"
bad=
for path in "/c/${path#/C/}" "${path%??}" "$path/" "$path-" "/CC/${path#/C/}" /C/ /C/AAAA /index.html /files /app.js.gz \
	/app.css/ "/app.js?x=1" //app.js /../countersignd.conf /icons/../../master.key /%2e%2e/master.key /icons/ \
	/wallet/web/src/main.js /.well-known/x /favicon.ico /robots.txt /node_modules/qr/index.js; do
	[ "$(code_of --path-as-is "$url$path")" = 404 ] || bad="$bad $path"
done
is "$bad" "" "nothing else is served"
http GET /nothing
is "$status $(word)" "404 not-found" "and is a problem in JSON as before"
server_stop

# ---- TLS ----
server_speaks=
server_start
tls() { curl -s -m 20 --cacert "$dir/ca.pem" "$@"; }
is "$(tls -o /dev/null -D - "$url/" | tr -d '\r' | field strict-transport-security)" "max-age=31536000" \
	"over TLS browsers are told to stay with it"
is "$(tls -o /dev/null -D - "$url/healthz" | grep -c -i strict-transport)" 0 "and programs are not"
hello() { # ARGUMENTS: what the server asks of a client
	openssl s_client -connect "127.0.0.1:$port" -CAfile "$dir/ca.pem" "$@" </dev/null 2>/dev/null |
		grep -c 'Acceptable client certificate CA names'
}
is "$(hello -alpn h2,http/1.1) $(hello -alpn h2,http/1.1 -tls1_2)" "0 0" "a browser is not asked for a certificate"
is "$(hello -alpn http/1.1) $(hello) $(hello -tls1_2)" "1 1 1" "a terminal is, by the name of our authority"

# ---- the proxy of the manual ----
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=qr.example.com -days 2 \
	-addext subjectAltName=DNS:qr.example.com -keyout "$tmp/public.key" -out "$tmp/public.crt" 2>/dev/null
cat "$tmp/public.crt" "$tmp/public.key" >"$tmp/public.pem"
sed -n '/^frontend phones/,/^\.Ed/{/^\.Ed/!p;}' docs/countersignd.8 |
	sed "s|/etc/haproxy/public.pem|$tmp/public.pem|; s|10.0.0.11:8443|127.0.0.1:$port|
		s|ca-file ca.pem verifyhost bank.example|ca-file $dir/ca.pem verifyhost localhost|" >"$tmp/haproxy.conf"
# It gets a socket that listens already: no port has to be guessed.
PATH=$PATH:/usr/sbin perl -MIO::Socket::INET -MFcntl -e '
	my ($conf, $to) = @ARGV;
	my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 0, Listen => 64) or die;
	my $bind = "fd\@" . fileno $s;
	fcntl $s, F_SETFD, 0;
	{ local @ARGV = $conf; local $^I = ""; while (<>) { s/:443/$bind/; print } }
	open my $out, ">", $to or die; print $out $s->sockport; close $out;
	exec "setpriv", "--pdeathsig", "KILL", "--", "haproxy", "-db", "-f", $conf' "$tmp/haproxy.conf" \
	"$tmp/proxy_port" >"$tmp/proxy.log" 2>&1 &
proxy_pid=$!
wait_until 20 test -s "$tmp/proxy_port"
through() { # PATH [ARGUMENTS of curl...]
	through_path=$1
	shift
	curl -s -m 20 --http2 --cacert "$tmp/public.crt" \
		--connect-to "qr.example.com:443:127.0.0.1:$(cat "$tmp/proxy_port")" "$@" "https://qr.example.com$through_path"
}
wait_until 20 through /healthz -o /dev/null
ok $? "a proxy as the manual has it" || sed 's/^/# /' "$tmp/proxy.log"
through / -D "$tmp/head" | cmp -s - "$site/index.html"
ok $? "hands on the page"
is "$(tr -d '\r' <"$tmp/head" | sed -n '1p; /^strict-transport/p; /^content-security/s/ .*//p' | tr '\n' ' ')" \
	"HTTP/2 200  content-security-policy: strict-transport-security: max-age=31536000 " "with its header fields, by HTTP/2"
is "$(through /metrics -o /dev/null -w '%{http_code}')" 401 "who comes through it is not of this machine"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24; do
	through /v1/activations -o /dev/null -w '%{http_code}\n' -H 'Content-Type: application/json' -d '{"token":"AAAA-AAAA-AAAA-AAAA"}'
done >"$tmp/tries"
is "$(sed -n '1p; $p' "$tmp/tries" | tr '\n' ' ')" "404 429 " "and tries a few tokens, not many"
kill "$proxy_pid"

# ---- switched off and on ----
settle() { # STATUS: the server has read its configuration again
	kill -HUP "$server_pid"
	wait_until 20 sh -c "[ \"\$(curl -s -m 5 -o /dev/null -w '%{http_code}' --cacert '$dir/ca.pem' '$url/')\" = $1 ]"
}
printf '[wallet]\npage = 0\n' >>"$dir/countersignd.conf"
settle 404
ok $? "page = 0 and SIGHUP: there is none"
is "$(tls -o /dev/null -w '%{http_code}' "$url/healthz") $(tls -o /dev/null -w '%{http_code}' -X POST -d x "$url/")" "200 404" \
	"programs are served as before"
sed -i 's/^page = 0/page = 1/' "$dir/countersignd.conf"
settle 200
ok $? "and back"
sed -i 's/^page = 1/page = 2/' "$dir/countersignd.conf"
"$bin/countersignd" --dir "$dir" policy show >"$tmp/out" 2>&1
like "$? $(cat "$tmp/out")" "3 *page*0*1*" "another value is refused in words"
done_testing
