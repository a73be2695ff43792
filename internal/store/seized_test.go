package store_test

import (
	"database/sql"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/internal/store/storetest"
)

// TestAddressThatCanBeReadIsFoundInWhateverTable plants one where none belongs.
func TestAddressThatCanBeReadIsFoundInWhateverTable(t *testing.T) {
	storetest.Run(t, func(t *testing.T, db *store.DB, _ *storetest.Clock) {
		readable := func() (n int64) {
			view(t, db, func(tx *store.Tx) (err error) { n, err = tx.ReadableAddresses(); return err })
			return n
		}
		update(t, db, func(tx *store.Tx) error {
			c := content()
			c.Issue.Contact = "office@cause.example" // organisers publish it
			if err := tx.PutContent(c, store.By{}); err != nil {
				return err
			}
			c.Issue.Contact = "Office@cause.example"
			c.Issue.Coordinator = "rosa@cause.example" // and takes the place of nobody: the version before is still there
			return tx.PutContent(c, store.By{})
		})
		view(t, db, func(tx *store.Tx) error {
			n, err := tx.WrittenAddresses()
			if n != 2 {
				t.Errorf("%d addresses are written, want the office's and the coordinator's", n)
			}
			return err
		})
		if n := readable(); n != 0 {
			t.Errorf("%d in a new site", n)
		}
		update(t, db, func(tx *store.Tx) error {
			if err := tx.AddEvent(undersigned.Event{At: tx.Now, Kind: undersigned.AskOpened, Issue: "cause", Subject: "https://video.example/@channel.name"}); err != nil {
				return err
			}
			return tx.AddAudit(undersigned.AuditEntry{Verb: undersigned.AuditUserAdded, Subject: "ana@staff.example"})
		})
		if n := readable(); n != 1 {
			t.Errorf("%d, want the one in the audit log", n)
		}
	})
}

// TestTextsThatNobodyLooksThroughHaveOneForm keeps addresses out of the tables that are too large to be looked through.
func TestTextsThatNobodyLooksThroughHaveOneForm(t *testing.T) {
	dir := t.TempDir()
	storetest.Open(t, store.Options{Dir: dir})
	db, err := sql.Open("sqlite", dir+"/undersigned.db")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for table, want := range map[string][]string{"signature": {"pid"}, "log_entry": {"entry"}, "action_hour": {"pid"}} {
		rows, err := db.Query("select name from pragma_table_info('" + table + "') where lower(type) like 'text%'")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			got = append(got, name)
		}
		if rows.Close(); !slices.Equal(got, want) {
			t.Errorf("%s has the texts %q", table, got)
		}
	}
}

// held is what each column of texts or bytes holds, table by table. A column that is added is looked at by whoever writes it down here:
//
//	name    a slug, a key, a kind, a day, or random bytes that stand for something: nothing of a person
//	hash    a keyed hash, or one of bytes that nobody guesses
//	sealed  what somebody told us, under a key; its rows are counted for /privacy
//	staff   the same, of somebody whose account is counted
//	key     a key, wrapped
//	text    what organisers wrote for everybody, the site's own public data, or a word that staff chose
//	public  what is published
var held = map[string]string{
	"action":          "pid:name issue:name slug:name publish:name closes:name",
	"action_hour":     "pid:name",
	"action_version":  "pid:name body:public",
	"answer":          "bioguide:name issue:name action:name day:name lang:name words:public member:public",
	"ask":             "issue:name slug:name state:name reason:name",
	"audit":           "id:name user_id:name verb:name subject:text detail:text",
	"bill":            "id:name doc:public",
	"brake":           "pid:name",
	"call_day":        "issue:name action:name target:name day:name outcome:name",
	"consent":         "id:name issue:name language:name words:public day:name",
	"content":         "issue:name kind:name slug:name doc:text",
	"content_version": "issue:name kind:name slug:name doc:text user_id:name how:name",
	"correction":      "id:name issue:name slug:name day:name month:name sealed:sealed",
	"delivery":        "outreach:name target:name method:name issue:name action:name day:name state:name reply:text again:name",
	"dkim":            "selector:name day:name sealed:key",
	"draft":           "issue:name kind:name slug:name fields:text user_id:name publish_by:name",
	"duty":            "name:name note:text",
	"event":           "id:name kind:name issue:name subject:public detail:public",
	"handover":        "bioguide:name issue:name action:name day:name member:public how:name",
	"job":             "queue:name id:name args:sealed",
	"keyring":         "name:name wrapped:key",
	"letter_turn":     "address:hash",
	"letter":          "outreach:name day:name writer:hash sealed:sealed",
	"link":            "url:public doc:public",
	"log_checkpoint":  "note:public",
	"log_entry":       "entry:public",
	"log_tile":        "hashes:public",
	"log_wait":        "id:name pid:name kind:name detail:public",
	"mail_day":        "day:name hash:hash",
	"mail_domain":     "pid:name hash:hash",
	"mail_hour":       "outcome:name",
	"mail_never":      "hash:hash",
	"mail_slot":       "lane:hash",
	"news":            "id:name issue:name state:name cause:name about:name detail:text texts:text reached:name stop:name",
	"no_mail":         "hash:hash",
	"opportunity":     "pid:name issue:name slug:name",
	"passkey":         "id:hash user_id:name sealed:staff",
	"pause":           "issue:name slug:name user_id:name",
	"pressed":         "day:name id:name",
	"review":          "id:name pid:name verb:name reason:name rule:text user_id:name",
	"seat_count":      "pid:name seat:name zip:name",
	"seat_tally":      "pid:name as_of:name",
	"session":         "id:name user_id:name secret:hash former:hash browser:text agent:hash",
	"settings":        "doc:text",
	"signature":       "id:name pid:name email_hash:hash email_name_hash:hash commitment:hash sealed:sealed domain:hash review:name",
	"site":            "",
	"site_user":       "id:name role:name added:name email_hash:hash sealed:sealed",
	"source":          "tag:name note:text user_id:name",
	"source_day":      "pid:name tag:name day:name",
	"submission":      "id:name pid:name state:name day:name moved:name told:name email_hash:hash sealed:sealed notes:sealed",
	"submission_wait": "id:name day:name sealed:sealed",
	"subscriber":      "id:name issue:name state:name day:name month:name bounced:name bounced_by:hash hash:hash sealed:sealed",
}

// TestNoTableAndNoColumnIsForgotten: what the database holds of people is known, and what is sealed is counted. A table that is
// added fails here until it stands above.
func TestNoTableAndNoColumnIsForgotten(t *testing.T) {
	dir := t.TempDir()
	o := store.Options{Dir: dir}
	db := storetest.Open(t, o)
	raw, err := sql.Open("sqlite", dir+"/undersigned.db")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	seen := map[string]string{}
	storetest.Each(t, db, `select m.name, c.name, lower(c.type) from pragma_table_list m join pragma_table_info(m.name) c
		where m.schema = 'main' and m.type = 'table' and m.name not like 'sqlite_%' and m.name <> 'goose_db_version' order by m.name, c.cid`, func(r *sql.Rows) error {
		var table, column, kind string
		if err := r.Scan(&table, &column, &kind); err != nil {
			return err
		}
		if seen[table] += ""; kind == "text" || kind == "blob" {
			seen[table] += " " + column
		} else if kind != "bigint" && kind != "integer" {
			t.Errorf("%s.%s is a %s", table, column, kind)
		}
		return nil
	})
	for table, got := range seen {
		known, there := held[table]
		if want := kindOf.ReplaceAllString(known, ""); !there || strings.TrimSpace(got) != want {
			t.Errorf("%s has the columns %q; written down are %q", table, strings.TrimSpace(got), want)
		}
	}
	for table, known := range held {
		if _, there := seen[table]; !there {
			t.Errorf("there is no %s", table)
		}
		if strings.Contains(known, ":sealed") && !countedAsSealed(t, db, raw, table) {
			t.Errorf("a row of %s is not counted", table)
		}
	}
}

var kindOf = regexp.MustCompile(`:\w+`)

// countedAsSealed puts a row into a table and tells whether what /privacy says has become more.
func countedAsSealed(t *testing.T, db *store.DB, raw *sql.DB, table string) bool {
	t.Helper()
	count := func() (n int64) {
		view(t, db, func(tx *store.Tx) error {
			rows, err := tx.SealedRows()
			n = rows.Signatures + rows.Waiting + rows.Offers + rows.Letters + rows.News + rows.Corrections + rows.Staff
			return err
		})
		return n
	}
	before := count()
	var names, values []string
	storetest.Each(t, db, "select name, lower(type) from pragma_table_info('"+table+"')", func(r *sql.Rows) error {
		var name, kind string
		err := r.Scan(&name, &kind)
		names, values = append(names, name), append(values, map[string]string{"text": "'x'", "blob": "x'0102'"}[kind])
		if values[len(values)-1] == "" {
			values[len(values)-1] = "0"
		}
		return err
	})
	if _, err := raw.Exec("insert into " + table + " (" + strings.Join(names, ",") + ") values (" + strings.Join(values, ",") + ")"); err != nil {
		t.Fatal(err)
	}
	return count() == before+1
}
