package main

import "context"

func (b *bench) confirm(ctx context.Context) error { return nil }
func (b *bench) log(ctx context.Context) error     { return nil }
