package congress

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/paulmach/orb"
	"github.com/undersigned/undersigned"
)

// boundaryFile is the zip file that the Census Bureau would publish for these districts (by GEOID).
func boundaryFile(congress int, geoids []string, shapes [][]orb.Ring) []byte {
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	for name, data := range map[string][]byte{"x.shp": shapeFile(shapes), "x.dbf": tableFile(congress, geoids), "x.prj": []byte("GEOGCS")} {
		w, _ := archive.Create(name)
		_, _ = w.Write(data)
	}
	_ = archive.Close()
	return file.Bytes()
}

func shapeFile(shapes [][]orb.Ring) []byte {
	var records []byte
	for i, rings := range shapes {
		var parts, points []byte
		n := 0
		for _, ring := range rings {
			parts = binary.LittleEndian.AppendUint32(parts, uint32(n))
			n += len(ring)
			for _, p := range ring {
				points = binary.LittleEndian.AppendUint64(points, math.Float64bits(p[0]))
				points = binary.LittleEndian.AppendUint64(points, math.Float64bits(p[1]))
			}
		}
		record := binary.LittleEndian.AppendUint32(nil, shapePolygon)
		record = append(record, make([]byte, 32)...)
		record = binary.LittleEndian.AppendUint32(record, uint32(len(rings)))
		record = binary.LittleEndian.AppendUint32(record, uint32(n))
		record = append(append(record, parts...), points...)
		records = binary.BigEndian.AppendUint32(records, uint32(i+1))
		records = binary.BigEndian.AppendUint32(records, uint32(len(record)/2))
		records = append(records, record...)
	}
	header := make([]byte, shapeHeader)
	binary.BigEndian.PutUint32(header, shapeFileCode)
	binary.BigEndian.PutUint32(header[24:], uint32((shapeHeader+len(records))/2))
	binary.LittleEndian.PutUint32(header[28:], shapeVersion)
	binary.LittleEndian.PutUint32(header[32:], shapePolygon)
	return append(header, records...)
}

func tableFile(congress int, geoids []string) []byte {
	field := func(name string, size byte) []byte {
		f := make([]byte, tableField)
		copy(f, name)
		f[11], f[16] = 'C', size
		return f
	}
	header := make([]byte, tableHeader)
	header[0] = 3
	header = append(append(append(header, field("GEOID", 4)...), field("CDSESSN", 3)...), tableFieldsEnd)
	binary.LittleEndian.PutUint32(header[4:], uint32(len(geoids)))
	binary.LittleEndian.PutUint16(header[8:], uint16(len(header)))
	binary.LittleEndian.PutUint16(header[10:], 8)
	for _, geoid := range geoids {
		header = append(header, fmt.Sprintf(" %4s%3d", geoid, congress)...)
	}
	return append(header, 0x1A)
}

func square(west, south, size float64) orb.Ring {
	return orb.Ring{{west, south}, {west, south + size}, {west + size, south + size}, {west + size, south}, {west, south}}
}

// onDisk writes data to a file of the test's own and opens it.
func onDisk(t testing.TB, data []byte) *os.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestPointsLieInsideRingsAndOutsideHoles(t *testing.T) {
	data := boundaryFile(119, []string{"2501", "2502", "0200", "25ZZ"}, [][]orb.Ring{
		{square(-72, 42, 2), square(-71.5, 42.5, 1)}, // with a hole
		{square(-71.5, 42.5, 1)},                     // which the next district fills
		{square(179, 51, 1), square(-180, 51, 1)},    // over the antimeridian
		{square(-60, 40, 1)},                         // water
	})
	rings, err := readBoundaries(onDisk(t, data), 119)
	if err != nil {
		t.Fatal(err)
	}
	b := newBoundaries(rings)
	for p, want := range map[orb.Point]string{
		{-71.9, 42.1}: "MA-01", {-71, 43}: "MA-02", {179.5, 51.5}: "AK-00", {-179.5, 51.5}: "AK-00", {180, 51.5}: "AK-00",
		{-180, 51.5}: "AK-00", {-59.5, 40.5}: "", {-73, 43}: "", {-71, 45}: "", {0, 0}: "", {-71, 41.9}: "", {-71.7, 42.5}: "MA-01",
	} {
		d, found := b.at(p)
		if got := d.String(); found != (want != "") || found && got != want {
			t.Errorf("%v: %s %v, want %q", p, got, found, want)
		}
	}
}

func TestArchiveIsUnpackedNoFurtherThanItsLimit(t *testing.T) {
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	f, err := z.Create("bomb.shp")
	if err != nil {
		t.Fatal(err)
	}
	f.Write(make([]byte, 1<<20))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := unpack(archive, ".shp", 1<<20); err != nil || len(got) != 1<<20 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if _, err := unpack(archive, ".shp", 1<<20-1); err != errTooLarge {
		t.Errorf("a byte too many: %v", err)
	}
}

func TestNoShapefileCutShortIsRead(t *testing.T) {
	shapes := [][]orb.Ring{{square(-72, 42, 1)}, {square(-70, 42, 1), square(-69, 41, 1)}}
	shp, dbf := shapeFile(shapes), tableFile(119, []string{"2501", "2502"})
	if got, err := readShapes(shp); err != nil || len(got) != 2 || len(got[1]) != 2 {
		t.Fatalf("the whole: %v, %v", got, err)
	}
	for n := range shp {
		if _, err := readShapes(shp[:n]); err == nil {
			t.Errorf("%d of %d bytes of shapes were read", n, len(shp))
		}
	}
	for n := range len(dbf) - 1 { // the last byte only marks the end
		if _, err := readTable(dbf[:n]); err == nil {
			t.Errorf("%d of %d bytes of the table were read", n, len(dbf))
		}
	}
	archive := boundaryFile(119, []string{"2501", "2502"}, shapes)
	for n := 0; n < len(archive); n += 7 {
		if _, err := readBoundaries(onDisk(t, archive[:n]), 119); err == nil {
			t.Errorf("%d of %d bytes of the zip file were read", n, len(archive))
		}
	}
}

func TestBoundariesOfAnotherCongressAreRefused(t *testing.T) {
	shapes := [][]orb.Ring{{square(-72, 42, 1)}}
	for name, data := range map[string][]byte{
		"the 118th":         boundaryFile(118, []string{"2501"}, shapes),
		"no such state":     boundaryFile(119, []string{"9901"}, shapes),
		"a row too many":    boundaryFile(119, []string{"2501", "2502"}, shapes),
		"off the Earth":     boundaryFile(119, []string{"2501"}, [][]orb.Ring{{square(190, 42, 1)}}),
		"not a number":      boundaryFile(119, []string{"2501"}, [][]orb.Ring{{square(math.NaN(), 42, 1)}}),
		"a ring left open":  boundaryFile(119, []string{"2501"}, [][]orb.Ring{{square(-72, 42, 1)[:4]}}),
		"a ring of nothing": boundaryFile(119, []string{"2501"}, [][]orb.Ring{{{}}}),
		"HTML":              []byte("<!DOCTYPE html>"),
	} {
		if _, err := readBoundaries(onDisk(t, data), 119); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func FuzzReadShapes(f *testing.F) {
	f.Add(shapeFile([][]orb.Ring{{square(-72, 42, 1), square(-71.8, 42.2, 0.1)}, {square(1, 1, 1)}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		shapes, err := readShapes(data)
		if err != nil {
			return
		}
		boundaries := newBoundaries(map[undersigned.District][]orb.Ring{{State: "MA", Number: 1}: slicesFlat(shapes)})
		boundaries.at(orb.Point{-71.5, 42.5})
	})
}

func slicesFlat(shapes [][]orb.Ring) (all []orb.Ring) {
	for _, rings := range shapes {
		all = append(all, rings...)
	}
	return all
}

func FuzzReadTable(f *testing.F) {
	f.Add(tableFile(119, []string{"2501", "2502"}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if rows, err := readTable(data); err == nil && len(rows) > maxRows {
			t.Errorf("%d rows", len(rows))
		}
	})
}
