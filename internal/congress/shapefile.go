package congress

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"

	"github.com/paulmach/orb"
	"github.com/undersigned/undersigned"
)

// The limits of what we unpack from a zip file, in bytes and rows. The boundaries of the 119th Congress are 10 MB.
const (
	maxShapes = 128 << 20
	maxTable  = 8 << 20
	maxRows   = 10_000
)

var errShapefile = errors.New("the shapefile is broken")

// readBoundaries reads the boundaries of the districts of a Congress from the Census Bureau's zip file: a shapefile of
// polygons and its dBase table, whose CDSESSN must be that Congress. A district's rings, outer ones and holes alike,
// are given together. Polygons of water (district ZZ) are passed over.
func readBoundaries(f *os.File, congress int) (map[undersigned.District][]orb.Ring, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("open the boundaries: %w", err)
	}
	archive, err := zip.NewReader(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("open the boundaries: %w", err)
	}
	shp, err := unpack(archive, ".shp", maxShapes)
	if err != nil {
		return nil, err
	}
	dbf, err := unpack(archive, ".dbf", maxTable)
	if err != nil {
		return nil, err
	}
	shapes, err := readShapes(shp)
	if err != nil {
		return nil, err
	}
	rows, err := readTable(dbf)
	if err != nil {
		return nil, err
	}
	if len(rows) != len(shapes) {
		return nil, fmt.Errorf("%w: %d shapes, %d rows", errShapefile, len(shapes), len(rows))
	}
	boundaries := map[undersigned.District][]orb.Ring{}
	for i, row := range rows {
		if row["CDSESSN"] != fmt.Sprint(congress) {
			return nil, fmt.Errorf("the boundaries are of Congress %q, not %d", row["CDSESSN"], congress)
		}
		if strings.HasSuffix(row["GEOID"], "ZZ") {
			continue
		}
		district, err := censusDistrict(row["GEOID"])
		if err != nil {
			return nil, fmt.Errorf("read the boundaries: %w", err)
		}
		boundaries[district] = append(boundaries[district], shapes[i]...)
	}
	return boundaries, nil
}

// unpack gives the one file of the archive whose name ends so.
func unpack(archive *zip.Reader, ending string, max int64) ([]byte, error) {
	for _, f := range archive.File {
		if !strings.HasSuffix(f.Name, ending) {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("unpack the boundaries: %w", err)
		}
		defer r.Close()
		return readAll(r, max)
	}
	return nil, fmt.Errorf("%w: there is no %s in it", errShapefile, ending)
}

// Numbers of ESRI's Shapefile Technical Description (July 1998), and of dBase III's table format.
const (
	shapeFileCode   = 9994
	shapeVersion    = 1000
	shapeHeader     = 100
	shapeNull       = 0
	shapePolygon    = 5
	tableHeader     = 32
	tableField      = 32
	tableFieldsEnd  = 0x0D
	tableRowDeleted = '*'
)

// readShapes reads the main file of a shapefile that holds polygons: for each record its rings, none for a null shape.
// Every length and index is checked against what is really there.
func readShapes(data []byte) ([][]orb.Ring, error) {
	if len(data) < shapeHeader || binary.BigEndian.Uint32(data) != shapeFileCode ||
		binary.LittleEndian.Uint32(data[28:]) != shapeVersion || binary.LittleEndian.Uint32(data[32:]) != shapePolygon ||
		uint64(binary.BigEndian.Uint32(data[24:]))*2 != uint64(len(data)) {
		return nil, errShapefile
	}
	var shapes [][]orb.Ring
	for data = data[shapeHeader:]; len(data) > 0; {
		if len(data) < 12 {
			return nil, errShapefile
		}
		size := uint64(binary.BigEndian.Uint32(data[4:])) * 2 // counted in words of 16 bits
		if size < 4 || size > uint64(len(data)-8) || binary.BigEndian.Uint32(data) != uint32(len(shapes)+1) {
			return nil, errShapefile
		}
		rings, err := readPolygon(data[8 : 8+size])
		if err != nil {
			return nil, err
		}
		shapes = append(shapes, rings)
		data = data[8+size:]
	}
	return shapes, nil
}

// readPolygon reads a record: its type, its box, how many parts and points there are, where each part begins, and the
// points.
func readPolygon(data []byte) ([]orb.Ring, error) {
	if binary.LittleEndian.Uint32(data) == shapeNull {
		return nil, nil
	}
	if len(data) < 44 || binary.LittleEndian.Uint32(data) != shapePolygon {
		return nil, errShapefile
	}
	parts, points := uint64(binary.LittleEndian.Uint32(data[36:])), uint64(binary.LittleEndian.Uint32(data[40:]))
	if parts == 0 || uint64(len(data)) != 44+4*parts+16*points {
		return nil, errShapefile
	}
	coordinates := data[44+4*parts:]
	rings := make([]orb.Ring, parts)
	for i := range rings {
		begin, end := uint64(binary.LittleEndian.Uint32(data[44+4*i:])), points
		if i+1 < len(rings) {
			end = uint64(binary.LittleEndian.Uint32(data[44+4*(i+1):]))
		}
		if end > points || begin+4 > end || i == 0 && begin != 0 {
			return nil, errShapefile
		}
		ring := make(orb.Ring, end-begin)
		for j := range ring {
			at := 16 * (begin + uint64(j))
			ring[j] = orb.Point{float64At(coordinates[at:]), float64At(coordinates[at+8:])}
			if lon, lat := ring[j].Lon(), ring[j].Lat(); !(math.Abs(lon) <= 180 && math.Abs(lat) <= 90) {
				return nil, errShapefile
			}
		}
		if !ring.Closed() {
			return nil, errShapefile
		}
		rings[i] = ring
	}
	return rings, nil
}

func float64At(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }

// readTable reads a dBase table: for each row its texts by field. Rows marked as deleted are an error, since they would
// no longer stand beside their shapes.
func readTable(data []byte) ([]map[string]string, error) {
	if len(data) < tableHeader+1 || data[0]&7 != 3 {
		return nil, errShapefile
	}
	count := int(binary.LittleEndian.Uint32(data[4:]))
	begin, width := int(binary.LittleEndian.Uint16(data[8:])), int(binary.LittleEndian.Uint16(data[10:]))
	if begin > len(data) || width < 1 || count > maxRows || count > (len(data)-begin)/width {
		return nil, errShapefile
	}
	type field struct {
		name       string
		begin, end int
	}
	var fields []field
	end := 1 // the first byte of a row says whether it is deleted
	for at := tableHeader; ; at += tableField {
		if at >= begin {
			return nil, errShapefile
		}
		if data[at] == tableFieldsEnd {
			break
		}
		if at+tableField > begin {
			return nil, errShapefile
		}
		name, _, _ := strings.Cut(string(data[at:at+11]), "\x00")
		fields = append(fields, field{name, end, end + int(data[at+16])})
		end += int(data[at+16])
	}
	if end > width {
		return nil, errShapefile
	}
	rows := make([]map[string]string, count)
	for i := range rows {
		row := data[begin+i*width:][:width]
		if row[0] == tableRowDeleted {
			return nil, errShapefile
		}
		rows[i] = make(map[string]string, len(fields))
		for _, f := range fields {
			rows[i][f.name] = strings.TrimSpace(string(row[f.begin:f.end]))
		}
	}
	return rows, nil
}
