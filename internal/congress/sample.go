package congress

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/undersigned/undersigned"
)

// The sample serves a first start with no network. It is small and old, and every page that uses it says so.
const (
	sampleCongress = 119
	sampleState    = "MA"
	sampleAsOf     = "2026-11-22"
)

//go:embed sample/legislators.csv
var sampleLegislators string

//go:embed sample/zips.csv
var sampleZIPs string

// SampleTable is Massachusetts in the 119th Congress: nine districts, two senators and some ZIP codes.
var SampleTable = sync.OnceValue(func() *Table {
	t, err := readSample()
	if err != nil {
		panic(err) // part of the program: a test reads it
	}
	return t
})

func readSample() (*Table, error) {
	people, err := readRows(sampleLegislators, 11)
	if err != nil {
		return nil, fmt.Errorf("read the sample's legislators: %w", err)
	}
	m := &members{
		congress: sampleCongress,
		all:      map[string]*undersigned.Legislator{},
		seats:    map[undersigned.District]*undersigned.Legislator{},
		senators: map[string][]*undersigned.Legislator{},
	}
	for _, f := range people {
		number, err := strconv.Atoi(f[4])
		if err != nil {
			return nil, fmt.Errorf("read the sample's legislators: %w", err)
		}
		l := &undersigned.Legislator{Bioguide: f[0], Name: f[1], Last: f[2], Term: undersigned.Term{
			Chamber: undersigned.Chamber(f[3]), State: sampleState, Begin: undersigned.Day(f[5]), End: undersigned.Day(f[6]),
			Party: f[7], Phone: f[8], URL: f[9], ContactForm: f[10]}}
		if l.Term.Chamber == undersigned.House {
			l.Term.District = number
		} else {
			l.Term.Class = number
		}
		m.all[l.Bioguide] = l
		if err := m.sit(l, false); err != nil {
			return nil, fmt.Errorf("read the sample's legislators: %w", err)
		}
	}
	codes, err := readRows(sampleZIPs, 2)
	if err != nil {
		return nil, fmt.Errorf("read the sample's ZIP codes: %w", err)
	}
	zips := map[string][]Share{}
	for _, f := range codes {
		for number := range strings.FieldsSeq(f[1]) {
			n, err := strconv.Atoi(number)
			if err != nil {
				return nil, fmt.Errorf("read the sample's ZIP codes: %w", err)
			}
			zips[f[0]] = append(zips[f[0]], Share{District: undersigned.District{State: sampleState, Number: n}})
		}
	}
	return &Table{
		Sample:  true,
		AsOf:    sampleAsOf,
		lines:   map[int]*lines{sampleCongress: newLines(zips, nil)},
		members: map[int]*members{sampleCongress: m},
	}, nil
}

func readRows(s string, columns int) ([][]string, error) {
	r := csv.NewReader(strings.NewReader(s))
	r.Comment = '#'
	r.FieldsPerRecord = columns
	return r.ReadAll()
}
