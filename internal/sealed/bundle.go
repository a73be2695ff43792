package sealed

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/undersigned/undersigned"
	"github.com/undersigned/undersigned/internal/packet"
	"github.com/undersigned/undersigned/translog"
)

// A bundle is a tar file that takes a petition's sealed rows to where the identities are, with what checks them:
//
//	undersigned-sealed.json    what it is of ([Manifest])
//	README.txt                 how to open it, with and without this program
//	zips.csv                   the districts of each ZIP code, as far as the site knows those of the sitting Congress
//	ground.json                what a packet says of the petition and of who represents whom ([packet.Ground])
//	log/…                      the public log at one size, as [translog.Mirror] writes it
//	rows/000000000012.age      the row of the log's entry 12, as an age file; in the order of the log
//	end.json                   how many rows there are: without it, the bundle was cut short
const (
	bundleFormat = "undersigned-sealed/v1"
	manifestName = "undersigned-sealed.json"
	readmeName   = "README.txt"
	groundName   = "ground.json"
	logPrefix    = "log/"
	rowPrefix    = "rows/"
	rowSuffix    = ".age"
	endName      = "end.json"

	maxManifest = 1 << 20
	maxLogFile  = 16 << 20 // bytes; a tile of entries has at most 66,048, a petition's text much less than this
)

// Manifest says what a bundle is of.
type Manifest struct {
	Format     string          `json:"format"`
	Origin     string          `json:"origin"` // of the public log
	PID        string          `json:"petition"`
	Issue      string          `json:"issue"`
	Action     string          `json:"action"`
	Size       int64           `json:"size"` // of the log
	Day        undersigned.Day `json:"day"`
	Recipients []string        `json:"recipients"`         // of new rows; older ones may be for others
	Congress   int             `json:"congress,omitempty"` // whose districts zips.csv has; 0 where the site does not know those of the one that sits
	AsOf       undersigned.Day `json:"as_of,omitempty"`    // of them
}

type bundleEnd struct {
	Rows int64 `json:"rows"`
}

// Writer writes a bundle. It keeps nothing in memory.
type Writer struct {
	tar  *tar.Writer
	at   time.Time
	rows int64
	last int64
}

// NewWriter begins a bundle with the log that is in a folder, and with what is known of places.
func NewWriter(to io.Writer, m Manifest, log fs.FS, zips iter.Seq2[string, []undersigned.District], ground *packet.Ground) (*Writer, error) {
	m.Format = bundleFormat
	w := &Writer{tar: tar.NewWriter(to), at: m.Day.Begin(time.UTC), last: -1}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	var about bytes.Buffer
	if err := ground.Write(&about); err != nil {
		return nil, err
	}
	if err := errors.Join(w.file(manifestName, append(text, '\n')), w.file(readmeName, []byte(readme)), w.file(zipsName, zipsText(zips)),
		w.file(groundName, about.Bytes())); err != nil {
		return nil, err
	}
	err = fs.WalkDir(log, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(log, name)
		if err != nil {
			return err
		}
		return w.file(logPrefix+name, data)
	})
	return w, err
}

func (w *Writer) file(name string, data []byte) error {
	err := w.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o600, Size: int64(len(data)), ModTime: w.at})
	if err == nil {
		_, err = w.tar.Write(data)
	}
	if err != nil {
		return fmt.Errorf("write a bundle: %w", err)
	}
	return nil
}

// Add writes the row of an entry of the log. Indexes must grow.
func (w *Writer) Add(index int64, row []byte) error {
	if index <= w.last {
		return errors.New("write a bundle: a row comes out of order")
	}
	w.last = index
	w.rows++
	return w.file(fmt.Sprintf("%s%012d%s", rowPrefix, index, rowSuffix), row)
}

// Close writes the end. Without it the bundle is of no use.
func (w *Writer) Close() error {
	text, err := json.Marshal(bundleEnd{Rows: w.rows})
	if err == nil {
		err = w.file(endName, append(text, '\n'))
	}
	return errors.Join(err, w.tar.Close())
}

var (
	errNoBundle = errors.New("this is no bundle of sealed signatures")
	errCutShort = errors.New("the bundle is cut short or damaged: fetch it again")
)

// Reader reads a bundle from its beginning to its end.
type Reader struct {
	Manifest
	pid    translog.PID
	zips   zipDistricts
	ground *packet.Ground
	tar    *tar.Reader
	head   *tar.Header // of the file in hand: a row, or the end
	rows   int64
	last   int64
}

// NewReader reads what stands before the rows, and writes the log into a folder. It believes nothing of it yet. The folder is
// made where it is not there.
func NewReader(from io.Reader, logDir string) (*Reader, error) {
	r := &Reader{tar: tar.NewReader(from), last: -1}
	var err error
	if r.head, err = r.tar.Next(); err != nil || r.head.Name != manifestName {
		return nil, errNoBundle
	}
	if err := r.decode(&r.Manifest); err != nil {
		return nil, errNoBundle
	}
	switch {
	case r.Format == bundleFormat:
	case strings.HasPrefix(r.Format, "undersigned-sealed/"):
		return nil, fmt.Errorf("the bundle is of the form %.40q, made by a newer undersigned: use the newer program", r.Format)
	default:
		return nil, errNoBundle
	}
	if r.pid, err = translog.ParsePID(r.PID); err != nil {
		return nil, errNoBundle
	}
	for {
		if r.head, err = r.tar.Next(); err != nil {
			return nil, errCutShort
		}
		name, ok := strings.CutPrefix(r.head.Name, logPrefix)
		switch {
		case ok:
			err = r.extract(filepath.Join(logDir, filepath.FromSlash(name)), name)
		case r.head.Name == zipsName:
			r.zips, err = readZIPs(r.tar)
		case r.head.Name == groundName:
			r.ground, err = packet.ReadGround(r.tar)
		case r.head.Name != readmeName && (r.ground == nil || r.ground.PID != r.PID):
			return nil, errCutShort
		case r.head.Name != readmeName:
			return r, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// extract writes a file of the log. Its name may not lead out of the folder.
func (r *Reader) extract(path, name string) error {
	if !fs.ValidPath(name) || !filepath.IsLocal(filepath.FromSlash(name)) || r.head.Size > maxLogFile {
		return errCutShort
	}
	data, err := io.ReadAll(r.tar)
	if err != nil {
		return errCutShort
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("unpack the log: %w", err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("unpack the log: %w", err)
	}
	return nil
}

func (r *Reader) decode(to any) error {
	in := json.NewDecoder(io.LimitReader(r.tar, maxManifest))
	return in.Decode(to)
}

// Next gives the next row; io.EOF after the last, which the end of the bundle has vouched for.
func (r *Reader) Next() (index int64, row []byte, err error) {
	if r.head.Name == endName {
		var end bundleEnd
		if err := r.decode(&end); err != nil || end.Rows != r.rows {
			return 0, nil, errCutShort
		}
		return 0, nil, io.EOF
	}
	name, ok := strings.CutPrefix(r.head.Name, rowPrefix)
	index, err = strconv.ParseInt(strings.TrimSuffix(name, rowSuffix), 10, 64)
	if !ok || err != nil || index <= r.last || r.head.Size > maxRecord {
		return 0, nil, errCutShort
	}
	if row, err = io.ReadAll(r.tar); err != nil {
		return 0, nil, errCutShort
	}
	r.rows, r.last = r.rows+1, index
	if r.head, err = r.tar.Next(); err != nil {
		return 0, nil, errCutShort
	}
	return index, row, nil
}

const readme = `These are the signatures of a petition, sealed. Whoever holds one of the identities that they were
sealed to can open them; nobody else can, the server that took them in included.

On a computer without a network, with an identity in key.txt:

    undersigned open THIS-FILE --identity key.txt --out people.csv      a spreadsheet
    undersigned open THIS-FILE --identity key.txt --packet FOLDER       what is handed to an office

Each row is checked against the public log, which is in here too. Without the program, a row opens with
age (https://age-encryption.org) and any text editor shows it:

    tar xf THIS-FILE
    age -d -i key.txt rows/000000000012.age

What comes out names people. Keep it as carefully as the identity, and destroy it when it is no longer
needed: the site cannot do that for you.
`
