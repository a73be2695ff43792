package undersigned

import (
	"strings"
	"unicode/utf8"
)

// ExportKind says what is taken out of a site; it ends the message key "export.".
type ExportKind string

const (
	ExportSignatures ExportKind = "signatures" // of one petition or pledge, as far as the server can read them
	ExportOffers     ExportKind = "offers"     // of volunteers, for one ask or for all
	ExportDeliveries ExportKind = "deliveries" // what went to which office, and what came back, as numbers
	ExportNumbers    ExportKind = "numbers"    // of one ask or all, by hour
	ExportPack       ExportKind = "pack"       // an issue's content, with what is not published of it
	ExportPacket     ExportKind = "packet"     // what is handed to offices: a folder, zipped
	ExportBundle     ExportKind = "bundle"     // the signatures of a sealed petition, as they are
	ExportAudit      ExportKind = "audit"      // what staff did
)

// ExportKinds are all kinds.
var ExportKinds = []ExportKind{ExportSignatures, ExportOffers, ExportDeliveries, ExportNumbers, ExportPack, ExportPacket, ExportBundle, ExportAudit}

// MaxReason is how long a reason may be, in characters: it stands in the audit log and in a mail.
const MaxReason = 300

// CleanReason makes of what was typed the reason for which something is taken out. Invalid, with the field "reason": there must
// be one.
func CleanReason(text string) (string, error) {
	var wrong fields
	text = squeeze(text)
	switch n := utf8.RuneCountInString(text); {
	case text == "":
		wrong.add("reason", "error.reason.empty")
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }):
		wrong.add("reason", "error.characters")
	case n > MaxReason:
		wrong.add("reason", "error.text.long", "max", MaxReason, "n", n)
	}
	return text, wrong.err()
}
