package undersigned

import "strconv"

// How long things are kept that owners may have erased sooner, in days. The longest is what everybody is promised, at the forms
// and on the page about privacy, and no setting goes beyond it: a shorter time is the owner's own, and can be taken back for what
// is still there. The shortest leaves time to answer a volunteer, and to find out by the log what a stolen session has done.
var retentions = map[string]struct{ least, most int }{
	SettingKeepOffers:     {30, 365}, // after an offer came, whatever has become of it
	SettingKeepOffersOver: {7, 90},   // after it was done, declined or taken back
	SettingKeepAudit:      {90, KeepAudit},
}

// RetentionNames are the settings that say how long something is kept.
var RetentionNames = []string{SettingKeepOffers, SettingKeepOffersOver, SettingKeepAudit}

// Retention gives how many days something is kept, and between which numbers owners may choose.
func (s *Settings) Retention(name string) (days, least, most int) {
	limits := retentions[name]
	if days = s.Keep[name]; days == 0 {
		days = limits.most
	}
	return min(max(days, limits.least), limits.most), limits.least, limits.most
}

// setRetention takes a number of days; the promised one is as good as none.
func (s *Settings) setRetention(wrong *fields, name, value string) {
	limits, keep := retentions[name], map[string]int{}
	for other, days := range s.Keep { // the map may be shared with the settings before
		if other != name {
			keep[other] = days
		}
	}
	if value != "" {
		days, err := strconv.Atoi(value)
		if err != nil || days < limits.least || days > limits.most {
			wrong.add(name, "error.setting.keep", "least", limits.least, "most", limits.most)
			return
		}
		if days < limits.most {
			keep[name] = days
		}
	}
	if s.Keep = keep; len(keep) == 0 {
		s.Keep = nil
	}
}
