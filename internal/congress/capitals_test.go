package congress

import (
	"strconv"
	"strings"
	"testing"

	"github.com/undersigned/undersigned"
)

// capitals has a ZIP code and a point in the capital of each state and territory: its state and, where a person knew it
// without looking at our data, its district in the 119th Congress ("?" elsewhere).
const capitals = `
AL 36104 32.3777 -86.3006 2    | AK 99801 58.3019 -134.4197 0  | AZ 85007 33.4481 -112.0970 3
AR 72201 34.7467 -92.2890 2    | CA 95814 38.5767 -121.4934 7  | CO 80203 39.7393 -104.9848 1
CT 06106 41.7641 -72.6829 1    | DE 19901 39.1573 -75.5197 0   | FL 32301 30.4381 -84.2816 2
GA 30303 33.7490 -84.3880 5    | HI 96813 21.3073 -157.8574 1  | ID 83702 43.6178 -116.1996 2
IL 62701 39.7983 -89.6544 13   | IN 46204 39.7686 -86.1626 7   | IA 50309 41.5912 -93.6039 3
KS 66612 39.0481 -95.6780 2    | KY 40601 38.1867 -84.8753 1   | LA 70802 30.4571 -91.1874 6
ME 04330 44.3072 -69.7817 2    | MD 21401 38.9788 -76.4909 3   | MA 02108 42.3582 -71.0637 ?
MI 48933 42.7336 -84.5553 7    | MN 55101 44.9551 -93.1022 4   | MS 39201 32.3039 -90.1821 2
MO 65101 38.5792 -92.1729 3    | MT 59601 46.5857 -112.0184 2  | NE 68508 40.8081 -96.6997 1
NV 89701 39.1639 -119.7663 2   | NH 03301 43.2067 -71.5381 2   | NJ 08608 40.2204 -74.7699 12
NM 87501 35.6824 -105.9398 3   | NY 12207 42.6526 -73.7562 20  | NC 27601 35.7804 -78.6391 2
ND 58501 46.8208 -100.7827 0   | OH 43215 39.9613 -82.9992 ?   | OK 73102 35.4922 -97.5033 5
OR 97301 44.9385 -123.0304 6   | PA 17101 40.2644 -76.8839 10  | RI 02903 41.8309 -71.4148 ?
SC 29201 34.0004 -81.0332 6    | SD 57501 44.3671 -100.3464 0  | TN 37203 36.1658 -86.7842 ?
TX 78701 30.2747 -97.7404 ?    | UT 84103 40.7774 -111.8882 ?  | VT 05602 44.2624 -72.5805 0
VA 23219 37.5389 -77.4336 4    | WA 98501 47.0358 -122.9048 10 | WV 25301 38.3363 -81.6123 1
WI 53703 43.0747 -89.3841 2    | WY 82001 41.1403 -104.8202 0  | DC 20001 38.8899 -77.0091 0
PR 00901 18.4655 -66.1057 0    | GU 96910 13.4757 144.7489 0   | VI 00802 18.3419 -64.9307 0
AS 96799 -14.2756 -170.7020 0  | MP 96950 15.1850 145.7467 0`

func TestEveryCapitalLiesInItsStateAndDistrict(t *testing.T) {
	table := realTables(t)
	places := strings.FieldsFunc(strings.ReplaceAll(capitals, "\n", "|"), func(r rune) bool { return r == '|' })
	if len(places) != 56 {
		t.Fatalf("%d places, want the 50 states, the capital and five territories", len(places))
	}
	for _, place := range places {
		f := strings.Fields(place)
		state, zip := f[0], f[1]
		lat, err1 := strconv.ParseFloat(f[2], 64)
		lon, err2 := strconv.ParseFloat(f[3], 64)
		if err1 != nil || err2 != nil {
			t.Fatalf("%q is not written rightly", place)
		}
		byPoint, err := table.Point(lat, lon, testNow)
		if err != nil || len(byPoint.Seats) != 1 || byPoint.State != state {
			t.Errorf("%s by its point: %s, %v", state, describe(byPoint), err)
			continue
		}
		byZIP, err := table.ZIP(zip, testNow)
		if err != nil || len(byZIP.Seats) == 0 || byZIP.State != state {
			t.Errorf("%s by its ZIP code: %s, %v", state, describe(byZIP), err)
		}
		if number, err := strconv.Atoi(f[4]); err == nil {
			want := undersigned.District{State: state, Number: number}
			if byPoint.Seats[0].District != want || !holds(byZIP, want) {
				t.Errorf("%s: want %s; by its point %s, by its ZIP code %s", state, want, describe(byPoint), describe(byZIP))
			}
		}
		if senators := len(byPoint.Senators); undersigned.HasSenators(state) != (senators > 0) {
			t.Errorf("%s has %d senators", state, senators)
		}
	}
}

func holds(a Answer, d undersigned.District) bool {
	for _, seat := range a.Seats {
		if seat.District == d {
			return true
		}
	}
	return false
}
