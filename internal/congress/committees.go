package congress

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/undersigned/undersigned"
)

// Committee is a committee or a subcommittee of Congress.
type Committee struct {
	Code    string              // HSJU; a subcommittee HSJU01
	Name    string              // a subcommittee's own
	Chamber undersigned.Chamber // empty for a joint committee
}

// Assignment is a legislator's seat on a committee.
type Assignment struct {
	Committee
	Title string // "Chairman", "Ranking Member"; mostly empty
}

// committeeRecord is a committee in committees-current.json.
type committeeRecord struct {
	Type          string `json:"type"`
	Name          string `json:"name"`
	Code          string `json:"thomas_id"`
	Subcommittees []struct {
		Name string `json:"name"`
		Code string `json:"thomas_id"`
	} `json:"subcommittees"`
}

// readCommittees reads committees-current.json.
func readCommittees(r io.Reader) (map[string]Committee, error) {
	committees := map[string]Committee{}
	err := eachRecord(io.LimitReader(r, maxCommittees), func(record committeeRecord) error {
		c := Committee{Code: record.Code, Name: record.Name, Chamber: undersigned.Chamber(record.Type)}
		if record.Type == "joint" {
			c.Chamber = ""
		}
		if len(c.Code) != 4 || c.Name == "" {
			return fmt.Errorf("a committee without a code or a name")
		}
		committees[c.Code] = c
		for _, part := range record.Subcommittees {
			committees[c.Code+part.Code] = Committee{Code: c.Code + part.Code, Name: part.Name, Chamber: c.Chamber}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the committees: %w", err)
	}
	return committees, nil
}

// memberRecord is a seat in committee-membership-current.json.
type memberRecord struct {
	Bioguide string `json:"bioguide"`
	Title    string `json:"title"`
}

// readMembership reads committee-membership-current.json: by code of the committee, who sits on it.
func readMembership(r io.Reader) (map[string][]memberRecord, error) {
	data, err := readAll(r, maxMembership)
	if err != nil {
		return nil, err
	}
	var membership map[string][]memberRecord
	if err := json.Unmarshal(data, &membership); err != nil {
		return nil, fmt.Errorf("read the committee members: %w", err)
	}
	if len(membership) == 0 {
		return nil, fmt.Errorf("read the committee members: there are none")
	}
	return membership, nil
}
