package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/seal"
	"github.com/undersigned/undersigned/internal/sequencer"
	"github.com/undersigned/undersigned/internal/store"
	"github.com/undersigned/undersigned/translog"
)

// log measures the public log: what it costs a signature, how soon it holds a crowd, how fast it is read and verified.
func (b *bench) log(ctx context.Context) error {
	if err := b.cost(ctx); err != nil {
		return err
	}
	s, sign, confirm, closing, err := b.confirmable(ctx, product)
	if closing != nil {
		defer closing()
	}
	if err != nil {
		return err
	}
	for _, n := range []int{2000, 10000} {
		late, err := b.burst(ctx, s, sign, confirm, n)
		if err != nil {
			return err
		}
		b.table.add(fmt.Sprintf("log/published-%d", n), late.Seconds(), "%d confirmed: s from the last to a published checkpoint with all of them", n)
	}
	tile, _, err := fetch(s, "/log/tile/0/001")
	if err != nil {
		return err
	}
	if err := b.peers(ctx, s, []page{tile}, func(int) (what, goal string) { return "a tile of the log", "tile" }); err != nil {
		return err
	}
	return b.verify(ctx)
}

// processor is the processor time that this process has used.
func processor() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

const costed = 10_000 // signatures, of which the costs are the mean

// cost measures the processor time that sealing, the commitment and the log add to one confirmed signature.
func (b *bench) cost(ctx context.Context) error {
	dir, err := os.MkdirTemp(b.dir, "cost-*")
	if err != nil {
		return err
	}
	vault, err := seal.Folder(filepath.Join(dir, "keys"))
	if err != nil {
		return err
	}
	keys, err := seal.Init(ctx, vault, filepath.Join(dir, "keys", "root.key"))
	if err != nil {
		return err
	}
	const pid = "00112233445566ff"
	if err := keys.MakeAction(ctx, pid); err != nil {
		return err
	}
	rows := make([]*store.SignatureRow, costed)
	before := processor()
	for i := range rows {
		if rows[i], err = sealedRow(ctx, keys, pid, i); err != nil {
			return err
		}
	}
	sealing := processor() - before
	placing, err := placed(ctx, dir, keys, pid, rows)
	if err != nil {
		return errors.Join(err, keys.Close())
	}
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / costed }
	b.table.figure("to seal, hash and commit a signature; to place and publish it", fmt.Sprintf("%.1f; %.1f µs of processor time", each(sealing), each(placing)))
	b.table.add("log/cost", each(sealing+placing), "both together: µs")
	return keys.Close()
}

// sealedRow does for the nth signer what confirming does between opening the link and handing over the row.
func sealedRow(ctx context.Context, keys *seal.Keyring, pid string, n int) (*store.SignatureRow, error) {
	data, err := keys.Data(ctx, pid)
	if err != nil {
		return nil, err
	}
	duplicates, err := keys.Duplicates(ctx, pid)
	if err != nil {
		return nil, err
	}
	row := &store.SignatureRow{PID: pid, Version: 1, Slot: 1}
	rand.Read(row.ID[:])
	var seed translog.Seed
	rand.Read(seed[:])
	parsed, err := translog.ParsePID(pid)
	if err != nil {
		return nil, err
	}
	address, family := email(n), family(n)
	commitment, err := translog.Commit(seed, parsed, 1, translog.Values{Who: translog.Who(seal.NFC("Maria"), seal.NFC(family)),
		Where: translog.Where("US", seal.NFC("02139")), Contact: seal.NormalizeEmail(address), Seat: translog.Seat(true, []string{"MA-05"})})
	if err != nil {
		return nil, err
	}
	plaintext := fmt.Appendf(nil, "%s Maria %s %s 02139 US %s %s", pid, family, address, comment, seed[:])
	hash, nameHash := duplicates.Email(address), duplicates.EmailName(address, "Maria", family)
	row.EmailHash, row.EmailNameHash, row.Commitment = hash[:], nameHash[:], commitment[:]
	row.Sealed = data.Seal(nil, plaintext, "signature", string(row.ID[:]), pid)
	return row, nil
}

// placed stores the rows and gives the processor time in which the sequencer gives them their places and publishes.
func placed(ctx context.Context, dir string, keys *seal.Keyring, pid string, rows []*store.SignatureRow) (used time.Duration, err error) {
	db, err := store.Open(ctx, store.Options{Dir: filepath.Join(dir, "data")})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.Update(ctx, store.Bulk, func(tx *store.Tx) error {
		row := store.ActionRow{PID: pid, Issue: "cause", Slug: "petition", Version: 1, Publish: undersigned.Live, Closes: "-", LogState: store.LogOpened}
		if err := tx.InsertAction(row); err != nil {
			return err
		}
		for _, row := range rows {
			if _, err := tx.InsertSignature(row); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	signer, _, err := sequencer.Signer(keys.LogKey(), "example.org/log")
	if err != nil {
		return 0, err
	}
	s := sequencer.New(sequencer.Options{DB: db, Signer: signer, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	before := processor()
	err = s.Tick(ctx)
	return processor() - before, err
}

const verified = 1_000_000 // entries

// verify has the program verify a log of a million entries, which this process serves as files.
func (b *bench) verify(ctx context.Context) error {
	binary, err := product.build(ctx, b.root, b.dir)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	prefix := l.Addr().String() + "/log"
	files, vkey, err := largeLog(prefix)
	if err != nil {
		return err
	}
	site := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if file, ok := files[strings.TrimPrefix(r.URL.Path, "/log/")]; ok {
			w.Write(file)
			return
		}
		http.NotFound(w, r)
	})}
	go func() { _ = site.Serve(l) }()
	defer site.Close()

	cmd := exec.CommandContext(ctx, binary, "verify", "http://"+prefix, "--vkey", vkey, "--json")
	var out bytes.Buffer
	cmd.Stdout = &out
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	peak := watchMemory(cmd.Process.Pid)
	err = cmd.Wait()
	took := time.Since(begun)
	if err != nil {
		return fmt.Errorf("verify: %w\n%s", err, out.Bytes())
	}
	var verdict struct{ Size int64 }
	if err := json.Unmarshal(out.Bytes(), &verdict); err != nil || verdict.Size != verified {
		return fmt.Errorf("verify found another log:\n%s", out.Bytes())
	}
	b.table.add("log/verify-seconds", took.Seconds(), "verify 1,000,000 entries: s")
	b.table.figure("processor time of that", fmt.Sprintf("%.1f s", (cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()).Seconds()))
	b.table.add("log/verify-megabytes", float64(peak())/1e6, "MB of memory to verify them")
	return nil
}

// largeLog makes the files of a log of a million entries: one petition that the others sign.
func largeLog(origin string) (files map[string][]byte, vkey string, err error) {
	key, vkey, err := translog.GenerateKey(rand.Reader, origin)
	if err != nil {
		return nil, "", err
	}
	signer, err := note.NewSigner(key)
	if err != nil {
		return nil, "", err
	}
	files = map[string][]byte{}
	pid := translog.PID{1}
	text := []byte("undersigned-text/v1\nen\nEquality\nWe ask\nBody\n")
	files[translog.TextPath(pid, 1)] = text
	leaves := make([]tlog.Hash, 0, verified)
	var bundle []byte
	for i := range verified {
		e := translog.Entry{Kind: translog.KindSign, PID: pid, Version: 1, Hash: sha256.Sum256(fmt.Append(nil, i))}
		if i == 0 {
			e = translog.Entry{Kind: translog.KindOpen, PID: pid, Version: 1, Hash: translog.TextHash(text)}
		}
		entry, err := e.Bytes()
		if err != nil {
			return nil, "", err
		}
		leaves = append(leaves, translog.LeafHash(entry))
		if bundle, err = translog.AppendBundle(bundle, entry); err != nil {
			return nil, "", err
		}
		if w := i%translog.TileWidth + 1; w == translog.TileWidth || i == verified-1 {
			files[translog.TilePath(tlog.Tile{H: 8, L: translog.EntriesLevel, N: int64(i / translog.TileWidth), W: w})] = bundle
			bundle = nil
		}
	}
	tiles, root, err := translog.Grow(0, nil, leaves)
	if err != nil {
		return nil, "", err
	}
	for _, t := range tiles {
		files[translog.TilePath(t.Tile)] = t.Data
	}
	files["checkpoint"], err = translog.Checkpoint{Origin: origin, Tree: tlog.Tree{N: verified, Hash: root}}.Sign(signer)
	return files, vkey, err
}
