package undersigned

import "time"

// How long a session of staff lasts.
const (
	SessionIdle  = 12 * time.Hour     // without a visit
	SessionLife  = 7 * 24 * time.Hour // whatever happens
	SessionProof = 15 * time.Minute   // after signing in: then whoever destroys or exports is asked again
	SessionRenew = 10 * time.Minute   // the secret in the cookie is renewed when it is older
	// SessionGrace is how long the secret before is still taken once the new one has come back: other tabs have asked with
	// it meanwhile.
	SessionGrace = time.Minute
)

// Session is a browser in which one of the staff has signed in.
type Session struct {
	ID      [16]byte
	User    UserID
	Since   time.Time // when it began
	Seen    time.Time // the last visit, to ten minutes
	Proved  time.Time // when its holder last showed who they are
	Browser string    // in a word or two, such as "Firefox, Linux"
}

// Over tells whether the session has ended by itself.
func (s *Session) Over(now time.Time) bool {
	return !now.Before(s.Seen.Add(SessionIdle)) || !now.Before(s.Since.Add(SessionLife))
}

// Fresh tells whether its holder has shown recently who they are.
func (s *Session) Fresh(now time.Time) bool { return now.Before(s.Proved.Add(SessionProof)) }
