package config

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/alecthomas/kong"
)

// UsageError is a command line, a variable or a settings file that cannot be understood.
type UsageError struct{ Err error }

func (e UsageError) Error() string { return e.Err.Error() }
func (e UsageError) Unwrap() error { return e.Err }

// Parse reads the command line into grammar, a struct of kong's that embeds Settings, and fills in settings from the
// environment and the settings file. The result knows the command to run. Every error is a UsageError; help that was
// asked for is written to out, and nothing is to be run then.
func Parse(grammar any, settings *Settings, args []string, out io.Writer) (run *kong.Context, err error) {
	resolver := &resolver{settings: map[string]bool{}}
	helped := false
	parser, err := kong.New(grammar, kong.Name("undersigned"), kong.Writers(out, out),
		kong.Description("Turns a cause into a page that people can act on, and keeps that page true."),
		kong.UsageOnError(), kong.Exit(func(int) { helped = true }), kong.Resolvers(resolver),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}))
	if err != nil {
		return nil, err
	}
	for _, flag := range parser.Model.Flags {
		resolver.settings[flag.Name] = flag.Name != "help"
	}
	if resolver.env, err = environment(os.Environ(), func(name string) bool { return resolver.settings[name] }); err != nil {
		return nil, UsageError{err}
	}
	if resolver.file, err = settingsFile(args, resolver.env); err != nil {
		return nil, UsageError{err}
	}
	if err := resolver.unknown(); err != nil {
		return nil, UsageError{err}
	}
	run, err = parser.Parse(args)
	if helped {
		return nil, nil
	}
	if err != nil {
		return nil, UsageError{err}
	}
	if err := settings.Check(); err != nil {
		return nil, UsageError{err}
	}
	return run, nil
}

// settingsFile reads the file that --config, or its variable, names. It is looked for by hand because the other flags
// are resolved from it.
func settingsFile(args []string, env map[string]string) (map[string]string, error) {
	path := env["config"]
	for i, arg := range args {
		switch {
		case arg == "--config" && i+1 < len(args):
			path = args[i+1]
		case len(arg) > 9 && arg[:9] == "--config=":
			path = arg[9:]
		}
	}
	if path == "" {
		return nil, nil
	}
	return file(path)
}

// resolver gives a flag that is not on the command line its value from the environment, or else from the file.
type resolver struct {
	env, file map[string]string
	settings  map[string]bool // by name
}

func (r *resolver) Validate(*kong.Application) error { return nil }

func (r *resolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if !r.settings[flag.Name] {
		return nil, nil
	}
	if value, ok := r.env[flag.Name]; ok {
		return value, nil
	}
	if value, ok := r.file[flag.Name]; ok {
		return value, nil
	}
	return nil, nil
}

// unknown refuses what is no setting: a misspelt one would be silently left at its default.
func (r *resolver) unknown() error {
	for _, name := range slices.Sorted(maps.Keys(r.env)) {
		if !r.settings[name] {
			return fmt.Errorf("the environment has the unknown setting %s", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.file)) {
		if !r.settings[name] {
			return fmt.Errorf("the settings file has the unknown setting %s", name)
		}
	}
	return nil
}
