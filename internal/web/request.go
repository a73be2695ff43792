package web

import "bytes"

// requestHead is the head of a request that can be read in one way only.
type requestHead struct {
	get                         bool   // GET, and nothing follows the head; else POST
	target                      []byte // letters, digits, "/", "-", "." and "_", and a query without escapes; empty for any other
	acceptEncoding, ifNoneMatch []byte // the first of that name
	size, body                  int    // in bytes
	cookie                      bool   // there is one
	whole                       []byte // head and body; nil where the body has not come whole
	from                        string // the address of the connection's other end
}

// parseHead reads the head of an HTTP/1.1 request at the beginning of b (RFC 9112). It is no parser for everybody: where a
// head is unusual, or wrong, or its end is not there yet, ok is false, and net/http has to say what it means. What it does
// read, net/http reads in the same way.
func parseHead(b []byte) (h requestHead, ok bool) {
	line, rest, ok := bytes.Cut(b, []byte("\r\n"))
	method, target, ok2 := bytes.Cut(line, []byte(" "))
	target, ok3 := bytes.CutSuffix(target, []byte(" HTTP/1.1"))
	if !ok || !ok2 || !ok3 || len(target) == 0 || target[0] != '/' || !visible(target) {
		return h, false
	}
	if path, query, asked := bytes.Cut(target, []byte("?")); plainPath(path) && (!asked || plainQuery(query)) {
		h.target = target
	}
	hosts, lengths := 0, 0
	for {
		if line, rest, ok = bytes.Cut(rest, []byte("\r\n")); !ok {
			return h, false
		}
		if len(line) == 0 {
			break
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if value = bytes.Trim(value, " "); value == nil {
			value = []byte{} // which differs from a header that is not there
		}
		if !ok || !plainName(name) || !printable(value) {
			return h, false
		}
		switch {
		case is(name, "host"):
			hosts++
			ok = plainHost(value)
		case is(name, "content-length"):
			lengths++
			h.body, ok = bodySize(value)
		case is(name, "connection"):
			ok = is(value, "keep-alive")
		case is(name, "transfer-encoding"), is(name, "expect"), is(name, "upgrade"), is(name, "trailer"),
			is(name, "pragma"): // net/http makes another header of it
			ok = false
		case is(name, "cookie"):
			h.cookie = true
		case is(name, "accept-encoding") && h.acceptEncoding == nil:
			h.acceptEncoding = value
		case is(name, "if-none-match") && h.ifNoneMatch == nil:
			h.ifNoneMatch = value
		}
		if !ok {
			return h, false
		}
	}
	if h.size = len(b) - len(rest); h.body <= len(rest) {
		h.whole = b[:h.size+h.body]
	}
	h.get = string(method) == "GET" && lengths == 0
	return h, hosts == 1 && lengths <= 1 && (h.get || string(method) == "POST")
}

// is compares without regard to case; word is in lower case.
func is(name []byte, word string) bool {
	return len(name) == len(word) && bytes.EqualFold(name, []byte(word))
}

func letterOrDigit(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func plainName(name []byte) bool {
	for _, c := range name {
		if !letterOrDigit(c) && c != '-' {
			return false
		}
	}
	return len(name) > 0
}

func plainPath(target []byte) bool {
	for _, c := range target {
		if !letterOrDigit(c) && c != '/' && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return true
}

// plainQuery takes a query that says the same to everybody: what is kept under it was written by us.
func plainQuery(query []byte) bool {
	for _, c := range query {
		if !letterOrDigit(c) && c != '=' && c != '&' && c != '+' && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return true
}

func plainHost(host []byte) bool {
	for _, c := range host {
		if !letterOrDigit(c) && c != '.' && c != '-' && c != ':' && c != '[' && c != ']' {
			return false
		}
	}
	return len(host) > 0
}

func visible(text []byte) bool { return printable(text) && bytes.IndexByte(text, ' ') < 0 }

// printable leaves out what might end a line for somebody.
func printable(text []byte) bool {
	for _, c := range text {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// bodySize reads a Content-Length of at most nine digits.
func bodySize(digits []byte) (size int, ok bool) {
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		size = 10*size + int(c-'0')
	}
	return size, 1 <= len(digits) && len(digits) <= 9
}
