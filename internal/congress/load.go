package congress

import (
	"fmt"
	"os"
)

// loadLines reads the lines of a Congress from its two files, of which the boundaries may be missing.
func loadLines(congress int, zipFile, boundaryFile string) (*lines, error) {
	f, err := os.Open(zipFile)
	if err != nil {
		return nil, fmt.Errorf("open the ZIP codes: %w", err)
	}
	defer f.Close()
	zips, err := readZIPs(f, congress)
	if err != nil || boundaryFile == "" {
		return newLines(zips, nil), err
	}
	b, err := os.Open(boundaryFile)
	if err != nil {
		return nil, fmt.Errorf("open the boundaries: %w", err)
	}
	defer b.Close()
	info, err := b.Stat()
	if err != nil {
		return nil, fmt.Errorf("open the boundaries: %w", err)
	}
	rings, err := readBoundaries(b, info.Size(), congress)
	if err != nil {
		return nil, err
	}
	return newLines(zips, newBoundaries(rings)), nil
}

// loadMembers reads the people of a Congress. All files but the first may be missing.
func loadMembers(legislatorFile, officeFile, committeeFile, membershipFile string) (*members, error) {
	f, err := os.Open(legislatorFile)
	if err != nil {
		return nil, fmt.Errorf("open the legislators: %w", err)
	}
	defer f.Close()
	m, err := readLegislators(f)
	if err != nil {
		return nil, err
	}
	if officeFile != "" {
		if err := m.loadOffices(officeFile); err != nil {
			return nil, err
		}
	}
	if committeeFile != "" && membershipFile != "" {
		if err := m.loadCommittees(committeeFile, membershipFile); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *members) loadOffices(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("open the offices: %w", err)
	}
	defer f.Close()
	offices, err := readOffices(f)
	if err != nil {
		return err
	}
	for id, list := range offices {
		if l := m.all[id]; l != nil {
			l.Offices = list
		}
	}
	return nil
}

func (m *members) loadCommittees(committeeFile, membershipFile string) error {
	c, err := os.Open(committeeFile)
	if err != nil {
		return fmt.Errorf("open the committees: %w", err)
	}
	defer c.Close()
	if m.committees, err = readCommittees(c); err != nil {
		return err
	}
	f, err := os.Open(membershipFile)
	if err != nil {
		return fmt.Errorf("open the committee members: %w", err)
	}
	defer f.Close()
	membership, err := readMembership(f)
	if err != nil {
		return err
	}
	m.serves = map[string][]Assignment{}
	for code, seats := range membership {
		for _, seat := range seats {
			m.serves[seat.Bioguide] = append(m.serves[seat.Bioguide], Assignment{m.committees[code], seat.Title})
		}
	}
	return nil
}
