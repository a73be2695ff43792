package translog

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
)

// A packet is a folder that hands a petition's signers to an office, with what
// it takes to check each of them against the log, without a network:
//
//	rows.csv       for people and spreadsheets, one signer a line
//	openings.txt   the proof of each line
//	log/           the log as of the delivery, as [Mirror] writes it
//
// rows.csv begins with a byte order mark and the line
//
//	index,version,name,country,postal_code,districts
//
// and openings.txt with the lines "undersigned-packet/v1" and "petition <pid>".
// Then both have the same signers in the order of their entries in the log: the
// one a line of CSV that follows from the opening alone ([Opening.Row]), the
// other the line "index <index>" and the opening's text, which shows who, where
// and seat and hides contact. Lines end with LF. Only signers of the class
// delivered are in a packet.
//
// The packet of one office has a part of the signers and no folder log; the log
// itself, or a mirror of it, checks them. Its rows.csv has one column more,
// "assigned", which says how its signers were assigned to the office. Nothing in
// the log can show whether that is right.
const (
	PacketRows     = "rows.csv"
	PacketOpenings = "openings.txt"
	PacketLog      = "log"

	packetHeader = "undersigned-packet/v1\npetition %s\n"
	rowsHeader   = "\ufeffindex,version,name,country,postal_code,districts\n"
	officeHeader = "\ufeffindex,version,name,country,postal_code,districts,assigned\n"
	maxLine      = 1 << 14 // bytes; names and postal codes are far shorter
)

// Row returns the line of rows.csv for the entry at index that the opening
// opens. A cell that a spreadsheet would take for a formula gets an apostrophe
// before it. An opening that hides who, where or seat is refused, and so is one
// whose signer did not agree to be delivered.
func (o Opening) Row(index int64) ([]byte, error) {
	who, ok := o.Value(FieldWho)
	where, ok2 := o.Value(FieldWhere)
	seat, ok3 := o.Value(FieldSeat)
	if !ok || !ok2 || !ok3 {
		return nil, errors.New("write a row: who, where or seat is hidden")
	}
	districts, delivered := strings.CutPrefix(seat, "class=delivered;")
	if !delivered {
		return nil, errors.New("write a row: the signer did not agree to be delivered")
	}
	country, postalCode, _ := strings.Cut(where, " ")
	var line strings.Builder
	w := csv.NewWriter(&line)
	err := w.Write([]string{strconv.FormatInt(index, 10), strconv.FormatInt(o.Version, 10), Cell(who), Cell(country),
		Cell(postalCode), Cell(districts)})
	w.Flush()
	return []byte(line.String()), errors.Join(err, w.Error())
}

// Cell makes text safe to open in a spreadsheet: one that would be taken for a formula gets an apostrophe before it.
func Cell(text string) string {
	if start := strings.TrimLeftFunc(text, unicode.IsSpace); start != "" && strings.ContainsRune("=+-@'|%＝＋－＠", []rune(start)[0]) {
		return "'" + text
	}
	return text
}

// Folder is where a packet is written, and read again. Names have slashes, and
// are those of files.
type Folder interface {
	// Append writes behind what a file has, which is made where it is not there.
	Append(name string, data []byte) error
	// Sync forces a file to disk.
	Sync(name string) error
	// Open reads a file from its beginning.
	Open(name string) (io.ReadCloser, error)
}

// Dir is a folder of the file system, by its path. Files in it are for its owner
// alone.
type Dir string

func (d Dir) path(name string) string { return filepath.Join(string(d), filepath.FromSlash(name)) }

func (d Dir) Append(name string, data []byte) error {
	f, err := os.OpenFile(d.path(name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(d.path(name)), 0o700); err == nil {
			f, err = os.OpenFile(d.path(name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		}
	}
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

func (d Dir) Sync(name string) error {
	f, err := os.OpenFile(d.path(name), os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (d Dir) Open(name string) (io.ReadCloser, error) { return os.Open(d.path(name)) }

// PacketWriter writes the rows and the openings of a packet; the folder log is
// for [Mirror]. It keeps some pages of memory and, between two writes, no file
// open: hundreds may be at work side by side.
type PacketWriter struct {
	pid            PID
	rows, openings appender
	last           int64
}

// CreatePacket begins a packet in a folder, below a path that is empty for the
// folder itself, and where no packet is.
func CreatePacket(folder Folder, below string, pid PID) (*PacketWriter, error) {
	return createPacket(folder, below, pid, rowsHeader)
}

// CreateOfficePacket does so for the packet of one office.
func CreateOfficePacket(folder Folder, below string, pid PID) (*PacketWriter, error) {
	return createPacket(folder, below, pid, officeHeader)
}

func createPacket(folder Folder, below string, pid PID, header string) (*PacketWriter, error) {
	if f, err := folder.Open(path.Join(below, PacketRows)); err == nil {
		return nil, errors.Join(errors.New("create a packet: there is one"), f.Close())
	}
	w := &PacketWriter{pid: pid, last: -1, rows: appender{folder: folder, name: path.Join(below, PacketRows)},
		openings: appender{folder: folder, name: path.Join(below, PacketOpenings)}}
	err := errors.Join(w.rows.write(header), w.openings.write(fmt.Sprintf(packetHeader, pid)))
	return w, err
}

// Add writes one signer. Indexes must grow.
func (w *PacketWriter) Add(index int64, o Opening) error { return w.add(index, o, "\n") }

// AddAssigned writes one signer into the packet of an office, with words that
// say how they were assigned to it.
func (w *PacketWriter) AddAssigned(index int64, o Opening, assigned string) error {
	if strings.ContainsAny(assigned, "\",\r\n") {
		return errors.New("write a packet: the words of an assignment would need quotes")
	}
	return w.add(index, o, ","+assigned+"\n")
}

func (w *PacketWriter) add(index int64, o Opening, end string) error {
	if index <= w.last || o.PID != w.pid {
		return errors.New("write a packet: a signer comes out of order, or is another petition's")
	}
	w.last = index
	row, err := o.Row(index)
	if err != nil {
		return err
	}
	return errors.Join(w.rows.write(strings.TrimSuffix(string(row), "\n")+end), w.openings.write(fmt.Sprintf("index %d\n%s", index, o)))
}

// Close forces the packet to disk.
func (w *PacketWriter) Close() error { return errors.Join(w.rows.flush(true), w.openings.flush(true)) }

// appender writes a file that it opens only when enough has gathered.
type appender struct {
	folder Folder
	name   string
	buf    []byte
}

const appendAt = 8 << 10 // bytes

func (a *appender) write(text string) error {
	if a.buf = append(a.buf, text...); len(a.buf) < appendAt {
		return nil
	}
	return a.flush(false)
}

func (a *appender) flush(sync bool) error {
	err := a.folder.Append(a.name, a.buf)
	a.buf = a.buf[:0]
	if err == nil && sync {
		err = a.folder.Sync(a.name)
	}
	if err != nil {
		return fmt.Errorf("write a packet: %w", err)
	}
	return nil
}

// PacketReport is what a verified packet says.
type PacketReport struct {
	*Report // of the log in the packet
	PID     PID
	Rows    int64 // signers handed over
	Counts  Counts
}

// VerifyPacket checks a packet without a network: its log as [Verify] does, each
// row against its opening, and each opening against an entry of the log that
// counts. Memory is that of Verify, and a bit for each entry.
//
// What the packet leaves out it cannot show; Counts says how many the log has.
func VerifyPacket(ctx context.Context, dir string, policy Policy, watches ...Watch) (*PacketReport, error) {
	log, err := NewClient(filepath.Join(dir, PacketLog))
	if err != nil {
		return nil, err
	}
	return VerifyPacketIn(ctx, log, Dir(dir), policy, watches...)
}

// VerifyPacketIn checks a packet against a log that is elsewhere, such as the
// packet of an office against the log as it stands today.
func VerifyPacketIn(ctx context.Context, log *Client, packet Folder, policy Policy, watches ...Watch) (*PacketReport, error) {
	r, err := openPacket(packet)
	if err != nil {
		return nil, err
	}
	defer r.close()
	var rows []byte // a bit for each entry: which are rows. Who of them counts is known at the end.
	var n int64
	check := func(f *Fold, entry []byte, size int64) error {
		if f.Size()-1 != r.index {
			return nil
		}
		sign, err := ParseEntry(entry)
		if err != nil || sign.PID != r.pid || !r.opening.Opens(sign) {
			return fmt.Errorf("row %d of the packet does not open entry %d of the log", n+1, r.index)
		}
		if rows == nil {
			rows = make([]byte, size/8+1)
		}
		rows[r.index/8] |= 1 << (r.index % 8)
		n++
		return r.next()
	}
	report, err := Verify(ctx, log, policy, append(watches, check)...)
	if err != nil {
		return nil, err
	}
	if r.index >= 0 {
		return nil, fmt.Errorf("row %d of the packet is entry %d of a log that does not have it", n+1, r.index)
	}
	row := 0
	for index := range int64(8 * len(rows)) {
		if rows[index/8]&(1<<(index%8)) == 0 {
			continue
		}
		row++
		if state, _ := report.Sign(index); state.Voided != 0 {
			return nil, fmt.Errorf("row %d of the packet does not count: entry %d is voided as %s", row, index, state.Voided)
		}
	}
	result := &PacketReport{Report: report, PID: r.pid, Rows: n}
	for _, p := range report.Petitions {
		if p.PID == r.pid {
			result.Counts = p.Counts
			return result, nil
		}
	}
	return nil, errors.New("the packet is of a petition that its log does not have")
}

// packetReader reads the rows and openings of a packet side by side.
type packetReader struct {
	pid            PID
	files          [2]io.ReadCloser
	rows, openings *bufio.Reader
	assigned       bool // it is the packet of one office

	index   int64 // of the row in hand; -1 after the last
	opening Opening
	row     int64
}

func openPacket(packet Folder) (*packetReader, error) {
	r := &packetReader{index: -1}
	for i, name := range []string{PacketRows, PacketOpenings} {
		f, err := packet.Open(name)
		if err != nil {
			r.close()
			return nil, fmt.Errorf("open the packet: %w", err)
		}
		r.files[i] = f
	}
	r.rows, r.openings = bufio.NewReaderSize(r.files[0], maxLine), bufio.NewReaderSize(r.files[1], maxLine)
	if err := r.begin(); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *packetReader) begin() error {
	head, err := readLine(r.rows)
	if r.assigned = head == officeHeader; err != nil || head != rowsHeader && !r.assigned {
		return errors.New("open the packet: rows.csv does not begin as it must")
	}
	first, err := readLine(r.openings)
	second, err2 := readLine(r.openings)
	pid, err3 := ParsePID(strings.TrimSuffix(strings.TrimPrefix(second, "petition "), "\n"))
	if err != nil || err2 != nil || err3 != nil || first+second != fmt.Sprintf(packetHeader, pid) {
		return errors.New("open the packet: openings.txt does not begin as it must")
	}
	r.pid = pid
	return r.next()
}

func (r *packetReader) close() {
	for _, f := range r.files {
		if f != nil {
			f.Close() // only read
		}
	}
}

// next takes the next row in hand.
func (r *packetReader) next() error {
	before := r.index
	row, rowErr := readLine(r.rows)
	head, err := readLine(r.openings)
	if rowErr == io.EOF && err == io.EOF {
		r.index = -1
		return nil
	}
	r.row++
	if rowErr != nil || err != nil {
		return fmt.Errorf("row %d of the packet: it is cut short, or one of the two files has more rows", r.row)
	}
	index, ok := strings.CutPrefix(strings.TrimSuffix(head, "\n"), "index ")
	n, ok2 := parseNumber([]byte(index))
	if !ok || !ok2 || n <= before {
		return fmt.Errorf("row %d of the packet: its index is malformed or out of order", r.row)
	}
	var text strings.Builder
	for range 2 + len(fields) {
		line, err := readLine(r.openings)
		if err != nil {
			return fmt.Errorf("row %d of the packet: its opening is cut short", r.row)
		}
		text.WriteString(line)
	}
	o, err := ParseOpening(text.String())
	if err != nil {
		return fmt.Errorf("row %d of the packet: %w", r.row, err)
	}
	want, err := o.Row(n)
	if err != nil {
		return fmt.Errorf("row %d of the packet: %w", r.row, err)
	}
	if r.assigned {
		if cut := strings.LastIndexByte(row, ','); cut >= 0 {
			row = row[:cut] + "\n"
		}
	}
	if row != string(want) {
		return fmt.Errorf("row %d of the packet: rows.csv says something else than its opening", r.row)
	}
	r.index, r.opening = n, o
	return nil
}

// readLine reads a line with its LF. io.EOF is the end between two lines.
func readLine(r *bufio.Reader) (string, error) {
	line, err := r.ReadSlice('\n')
	if err == io.EOF && len(line) > 0 {
		err = io.ErrUnexpectedEOF
	}
	return string(line), err
}
