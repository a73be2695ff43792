package external

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// TestLogOfARealSite makes one log through the built program, watched by litewitness, and checks it in every way.
func TestLogOfARealSite(t *testing.T) {
	dir, addr := t.TempDir(), freeAddr(t)
	first := serve(t, filepath.Join(dir, "site"), addr, named(addr))
	vkey := strings.TrimSpace(first.get("/log/vkey"))
	first.stop()
	w, witnessKey := witness(t, named(addr)+"/log", vkey)
	policy := filepath.Join(dir, "policy")
	must(t, os.WriteFile(policy, fmt.Appendf(nil, "log %s\nwitness w %s %s\nquorum w\n", vkey, witnessKey, w), 0o600))

	s := serve(t, filepath.Join(dir, "site"), addr, named(addr), "--log-policy", policy)
	people := s.sign(300)
	s.settled(302) // two petitions are open
	older := filepath.Join(dir, "older")
	copyTree(t, s.dir, older)
	olderHead := s.get("/log/checkpoint")
	receipt := s.do(http.MethodPost, "/my/"+people[0].my+"/receipt", url.Values{"id": {people[0].id}})
	full := s.do(http.MethodPost, "/my/"+people[1].my+"/receipt", url.Values{"id": {people[1].id}, "full": {"1"}})
	s.do(http.MethodPost, "/my/"+people[2].my+"/withdraw", url.Values{"id": {people[2].id}})
	s.do(http.MethodPost, "/my/"+people[3].my+"/erase", url.Values{"id": {people[3].id}})
	s.do(http.MethodPost, "/my/"+people[4].my+"/erase", url.Values{"id": {people[4].id}, "keep_voice": {"1"}})
	head := s.settled(305)

	key := filepath.Join(dir, "vkey")
	must(t, os.WriteFile(key, []byte(vkey), 0o600))
	mirror := filepath.Join(dir, "mirror")
	wantOurs(t, "298", "verify", s.url(), "--policy", policy)
	wantOurs(t, "305 entries", "mirror", s.url(), mirror, "--vkey", vkey)
	wantFsck(t, true, s.url()+"/log/", key)
	wantFsck(t, true, "file://"+mirror+"/", key)

	t.Run("receipts", func(t *testing.T) { receipts(t, s, vkey, receipt, full) })
	t.Run("packet", func(t *testing.T) { packet(t, s, vkey) })
	t.Run("tampering", func(t *testing.T) { tampering(t, mirror, vkey, key, olderHead) })
	t.Run("rollback and fork", func(t *testing.T) { forks(t, s, older, w, policy, vkey, mirror, olderHead, head) })
}

func wantOurs(t *testing.T, words string, args ...string) {
	t.Helper()
	if out, err := run(t, "undersigned", args...); err != nil || !strings.Contains(out, words) {
		t.Fatalf("undersigned %v: %v, want %q\n%s", args, err, words, out)
	}
}

func refuseOurs(t *testing.T, words string, args ...string) {
	t.Helper()
	if out, err := run(t, "undersigned", args...); err == nil || !strings.Contains(out, words) {
		t.Errorf("undersigned %v: %v, want %q\n%s", args, err, words, out)
	}
}

// wantFsck runs tessera's fsck. It exits 0 even where it fails, and can hang on a tampered tile: only what it says counts.
func wantFsck(t *testing.T, right bool, url, key string) {
	t.Helper()
	out, _ := run(t, "fsck", "-storage_url", url, "-public_key", key, "-N", "8", "-ui=false", "-logtostderr")
	if strings.Contains(out, "Successfully fsck'd") != right {
		t.Errorf("fsck of %s: want success %v\n%s", url, right, out)
	}
}

func receipts(t *testing.T, s *site, vkey, plain, full string) {
	policy, err := torchwood.ParsePolicy([]byte(s.get("/log/policy")))
	must(t, err)
	for name, receipt := range map[string]string{"plain": plain, "full": full} {
		extra, err := torchwood.ProofExtraData([]byte(receipt))
		must(t, err)
		line := strings.Split(string(extra), "\n")[1]
		leaf := tlog.RecordHash([]byte("undersigned-log/v1\n" + line + "\n"))
		if err := torchwood.VerifyProof(policy, leaf, []byte(receipt)); err != nil {
			t.Errorf("torchwood refuses the %s receipt: %v", name, err)
		}
		if err := torchwood.VerifyProof(policy, tlog.RecordHash([]byte("else")), []byte(receipt)); err == nil {
			t.Errorf("torchwood takes the %s receipt for something else", name)
		}
		if seed := strings.Contains(string(extra), "\nseed "); seed != (name == "full") {
			t.Errorf("the %s receipt has a seed: %v", name, seed)
		}
		file := filepath.Join(t.TempDir(), name)
		must(t, os.WriteFile(file, []byte(receipt), 0o600))
		wantOurs(t, "it is in the log", "verify", "--receipt", file, "--vkey", vkey)
		wantOurs(t, "it counts", "verify", s.url(), "--receipt", file, "--vkey", vkey)
		index := strings.Index(receipt, "\nindex ") + len("\nindex ")
		must(t, os.WriteFile(file, []byte(receipt[:index]+"1"+receipt[index:]), 0o600))
		refuseOurs(t, "fault:", "verify", "--receipt", file, "--vkey", vkey)
	}
}

func packet(t *testing.T, s *site, vkey string) {
	dir := filepath.Join(t.TempDir(), "packet")
	base := []string{"--data", s.dir, "--base-url", "http://" + named(s.addr)}
	wantOurs(t, "of 298 who count", append(base, "packet", "--reason", "an outsider counts it", strings.TrimPrefix(petition, "/"), dir)...)
	wantOurs(t, "each of them an entry that counts", "verify", "--packet", dir, "--vkey", vkey)
	rows, err := os.ReadFile(filepath.Join(dir, "rows.csv"))
	must(t, err)
	if !strings.Contains(string(rows), ",'=Ana Álvarez") || strings.Contains(string(rows), "@") {
		t.Errorf("the rows:\n%.400s", rows)
	}
	must(t, os.WriteFile(filepath.Join(dir, "rows.csv"), bytes.Replace(rows, []byte("Ana"), []byte("Eva"), 1), 0o600))
	refuseOurs(t, "something else than its opening", "verify", "--packet", dir, "--vkey", vkey)
}

// tampering changes one file of a mirror at a time; neither verifier may believe the result.
func tampering(t *testing.T, mirror, vkey, key, olderHead string) {
	flip := func(data []byte) []byte { data[len(data)/2] ^= 1; return data }
	for name, c := range map[string]struct {
		file   string
		change func([]byte) []byte
		words  string
	}{
		"flipped entry":          {"tile/entries/000", flip, "fault:"},
		"flipped hash":           {"tile/0/000", flip, "fault:"},
		"flipped hash, top tile": {"tile/1/000.p/1", flip, "fault:"},
		"missing bundle":         {"tile/entries/000", nil, "no such file"},
		"forged size":            {"checkpoint", func(b []byte) []byte { return bytes.Replace(b, []byte("\n305\n"), []byte("\n304\n"), 1) }, "fault:"},
		"forged root":            {"checkpoint", func(b []byte) []byte { b[bytes.IndexByte(b, '\n')+7] ^= 1; return b }, "fault:"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			copyTree(t, mirror, dir)
			file := filepath.Join(dir, c.file)
			data, err := os.ReadFile(file)
			must(t, err)
			if c.change == nil {
				must(t, os.Remove(file))
			} else {
				must(t, os.WriteFile(file, c.change(data), 0o600))
			}
			refuseOurs(t, c.words, "verify", dir, "--vkey", vkey)
			wantFsck(t, false, "file://"+dir+"/", key)
		})
	}
}

// forks opens the copy that was made before the log grew, which then grows another way. Witness and mirror must notice,
// and the copy itself must not sign where it can ask the witness.
func forks(t *testing.T, s *site, older, w, policy, vkey, mirror, olderHead, head string) {
	c := openNote(t, head, vkey)
	if code, _ := addCheckpoint(t, w, c.N, nil, head); code != http.StatusOK {
		t.Errorf("the witness answers %d to what it has signed", code)
	}
	if code, body := addCheckpoint(t, w, openNote(t, olderHead, vkey).N, nil, olderHead); code != http.StatusConflict || body != "305\n" {
		t.Errorf("the witness answers a rollback with %d %q, want 409 and 305", code, body)
	}
	s.stop()
	second := filepath.Join(filepath.Dir(older), "second")
	copyTree(t, older, second)
	asking := serve(t, second, freeAddr(t), named(s.addr), "--log-policy", policy)
	asking.heard(t, `(has seen 305 entries of this log, which has 302)`, 1)
	asking.get(petition) // it goes on serving and taking names
	refuseOurs(t, "shrunk", "mirror", asking.url(), mirror, "--vkey", vkey)
	asking.stop()

	fork := serve(t, older, freeAddr(t), named(s.addr)) // asks nobody
	for range 2 {                                       // signing one by one, so that the random order changes nothing
		fork.sign(2)
	}
	forked := fork.settled(306)
	refuseOurs(t, "forked", "mirror", fork.url(), mirror, "--vkey", vkey)
	tree := openNote(t, forked, vkey)
	fetcher, err := torchwood.NewTileFetcher(fork.url() + "/log")
	must(t, err)
	proof, err := tlog.ProveTree(tree.N, c.N, torchwood.TileHashReaderWithContext(t.Context(), tree.Tree, fetcher))
	must(t, err)
	if code, body := addCheckpoint(t, w, c.N, proof, forked); code != http.StatusUnprocessableEntity {
		t.Errorf("the witness answers a fork with %d %q, want 422", code, body)
	}
}

func openNote(t *testing.T, signed, vkey string) torchwood.Checkpoint {
	t.Helper()
	v, err := note.NewVerifier(vkey)
	must(t, err)
	n, err := note.Open([]byte(signed), note.VerifierList(v))
	must(t, err)
	c, err := torchwood.ParseCheckpoint(n.Text)
	must(t, err)
	return c
}

// addCheckpoint is the request of c2sp.org/tlog-witness.
func addCheckpoint(t *testing.T, w string, old int64, proof tlog.TreeProof, signed string) (int, string) {
	t.Helper()
	body := fmt.Sprintf("old %d\n", old)
	for _, h := range proof {
		body += base64.StdEncoding.EncodeToString(h[:]) + "\n"
	}
	r, err := http.Post(w+"/add-checkpoint", "", strings.NewReader(body+"\n"+signed))
	must(t, err)
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	must(t, err)
	return r.StatusCode, string(text)
}

// copyTree copies a folder with the modes of its files, which the keys' folder must keep.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	must(t, os.MkdirAll(to, 0o700))
	if out, err := exec.Command("cp", "-a", from+"/.", to).CombinedOutput(); err != nil {
		t.Fatalf("copy: %v\n%s", err, out)
	}
}
