# SPDX-License-Identifier: Apache-2.0
#
#   make demo    install what is missing, build, and watch two scans on a simulated phone
#   make test    install what is missing, build with gcc and clang, run every test
#   make help    the other targets
#
# One file, explicit source lists, one object tree for each variant: build/<cc>[-<sanitizers>]/.
# V=1 shows the commands; SAN=address,undefined builds with sanitizers; WERROR= lets warnings pass.

VERSION := 0.1.0
-include config.mk

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
CC      = gcc
SAN    ?=
WERROR ?= 1
V      ?=
comma  := ,
VARIANT := $(notdir $(firstword $(CC)))$(if $(SAN),-$(subst $(comma),-,$(SAN)))
B      := build/$(VARIANT)
Q      := $(if $(V),,@)

# ---- sources: a list for each module ------------------------------------------------------------

base_SRC := base/err.c base/amount.c base/bytes.c base/hex.c base/base32.c base/clock.c base/log.c base/text_safe.c \
	base/text_table.c base/near.c base/local.c base/config.c base/json.c base/json_plain.c base/json_out.c base/text.c base/file.c base/process.c

crypto_SRC := crypto/start.c crypto/selftest.c crypto/secret.c crypto/digest.c crypto/hkdf.c \
	crypto/ocra.c crypto/ocra_suite.c crypto/sign.c crypto/aead.c crypto/password.c \
	crypto/x509.c crypto/x509_key.c
# the one file that the deterministic test build replaces
crypto_random_SRC := crypto/random.c
crypto_random_deterministic_SRC := crypto/random_deterministic.c

# code formats, for terminal, backend and wallet; then what only the terminal needs
code_SRC := verifier/code_parse.c verifier/code_build.c verifier/code_formula.c verifier/code_receipt.c \
	verifier/code_activation.c
verifier_SRC := verifier/flow.c verifier/flow_phases.c verifier/flow_codes.c verifier/flow_words.c
client_SRC := verifier/message.c verifier/message_issuer.c verifier/client.c verifier/client_url.c verifier/client_curl.c \
	verifier/client_listen.c verifier/event_stream.c
client_SRC += verifier/client_curl_peer.c
client_SRC += verifier/client_renew.c # a terminal's certificate
client_SRC += verifier/client_post.c # a webhook
client_SRC += verifier/client_ask.c verifier/message_service.c # requests beside the flow's
client_SRC += verifier/offline.c verifier/message_offline.c # offline policy

# the terminal's side of the scanner; then the scanner process
scanner_SRC := scanner/process.c scanner/process_life.c scanner/process_spawn.c \
	scanner/process_source.c scanner/process_simulator.c scanner/message.c \
	scanner/camera_settings.c scanner/camera_fault.c scanner/process_devices.c
# the device of a hand-held reader; then its characters to codes
scanner_SRC += scanner/preview.c scanner/process_device.c scanner/typed_spec.c scanner/typed_port.c scanner/symbology.c
scanner_child_SRC := scanner/child.c scanner/print.c scanner/confine.c scanner/sandbox.c \
	scanner/landlock.c scanner/opener.c scanner/shrink.c scanner/examine.c \
	scanner/record.c scanner/source.c scanner/source_folder.c scanner/source_mjpeg.c \
	scanner/source_y4m.c scanner/source_v4l2.c scanner/camera_calls.c scanner/camera_format.c \
	scanner/camera_mode.c scanner/camera_probe.c scanner/camera_setup.c scanner/camera_buffers.c \
	scanner/camera_controls.c scanner/camera_health.c scanner/camera_list.c scanner/devices.c scanner/mjpeg.c scanner/y4m.c scanner/reader.c \
	scanner/guide.c scanner/guide_measure.c scanner/guide_look.c scanner/guide_edges.c \
	scanner/times.c scanner/decode.c scanner/attempt.c scanner/attempt_zbar.c scanner/refusal.c \
	scanner/views.c scanner/budget.c scanner/threshold.c scanner/sharpen.c scanner/decode_zbar.c scanner/picture.c scanner/pnm.c \
	scanner/png.c scanner/jpeg.c scanner/grey.c
scanner_child_SRC += scanner/source_typed.c scanner/typed_code.c scanner/typed_keys.c \
	scanner/typed_hid.c scanner/typed_list.c scanner/source_codes.c
# codes other than QR: the library is loaded when it is wanted
scanner_child_SRC += scanner/symbologies.c
# reading a QR symbol whose modules are known
scanner_child_SRC += scanner/qr/symbol.c scanner/qr/format.c scanner/qr/blocks.c \
	scanner/qr/segments.c scanner/qr/layout.c scanner/qr/reed_solomon.c scanner/qr/gf_table.c
# and finding it in a picture
scanner_child_SRC += scanner/qr/line.c scanner/qr/finder.c scanner/qr/map.c scanner/qr/places.c \
	scanner/qr/pairs.c scanner/qr/edges.c scanner/qr/fit.c scanner/qr/bend.c scanner/qr/level.c \
	scanner/qr/equal.c scanner/qr/sample.c

ui_SRC := ui/options.c ui/explain.c ui/devices.c ui/settings.c ui/pin.c ui/command.c ui/events.c \
	ui/session.c ui/session_read.c ui/outlet.c ui/plain.c ui/counter.c ui/counter_end.c \
	ui/counter_sale.c ui/counter_seen.c ui/counter_told.c \
	ui/display.c ui/qr.c ui/stats.c ui/memory.c ui/replay.c ui/trace.c ui/terminal.c ui/terminal_start.c
ui_SRC += ui/settings_files.c ui/settings_table.c ui/screen_look.c # settings
# the challenge code; the customer's display
ui_SRC += ui/qr_grid.c ui/view_code.c ui/view_customer.c ui/words_customer.c ui/customer.c ui/customer_port.c ui/ansi.c
ui_SRC += ui/first_start.c ui/check.c ui/check_camera.c ui/check_backend.c ui/check_machine.c ui/check_outputs.c ui/check_till.c ui/check_offline.c
ui_SRC += ui/grid.c ui/block.c ui/block_font.c ui/digits.c ui/words.c ui/view.c ui/view_parts.c \
	ui/view_frame.c ui/view_preview.c ui/view_waiting.c ui/view_number.c ui/view_pin.c \
	ui/view_result.c ui/view_small.c ui/screen_curses.c
ui_SRC += ui/enrol.c ui/words_fault.c
ui_SRC += ui/operators.c ui/page_sign_in.c ui/page_service.c ui/page_service_draw.c ui/page_service_code.c
# tills: socket, commands, sales by their ids
ui_SRC += ui/till.c ui/till_answer.c ui/webhook.c ui/till_book.c ui/till_lost.c ui/till_socket.c
ui_SRC += ui/view_offline.c ui/offline_record.c ui/offline_journal.c # offline policy
ui_SRC += ui/offline_journal_open.c ui/offline_list.c # offline policy
ui_SRC += ui/offline.c ui/offline_settings.c ui/offline_command.c ui/counter_offline.c # offline policy
ui_SRC += ui/desk.c ui/entry.c ui/page_sale.c ui/page_help.c ui/page_amount.c ui/settings_sale.c \
	ui/view_state.c
# programs of the configuration: sound, speech, receipt
ui_SRC += ui/runner.c ui/runner_command.c ui/settings_programs.c ui/sound.c ui/speech.c ui/typing.c
ui_SRC += ui/state.c ui/sales.c ui/sales_line.c ui/receipt.c ui/escpos.c # transactions
ui_SRC += ui/printer.c ui/printer_device.c ui/printer_settings.c ui/transactions.c
ui_SRC += ui/sales_export.c ui/sales_command.c ui/page_history.c ui/view_history.c

# the decisions and what keeps them; then HTTP, threads and the command line
backend_core_SRC := backend/store.c backend/store_sqlite_open.c backend/store_sqlite_check.c \
	backend/store_sqlite.c backend/store_schema.c \
	backend/store_postgres.c backend/store_postgres_lib.c backend/store_postgres_open.c backend/store_postgres_link.c \
	backend/store_postgres_sql.c backend/store_copy.c backend/store_sqlite_table.c \
	backend/store_postgres_table.c backend/store_postgres_listen.c backend/store_postgres_cache.c \
	backend/store_postgres_about.c backend/store_postgres_set.c backend/store_postgres_gather.c backend/store_postgres_ahead.c \
	backend/store_rows.c backend/store_credential.c backend/store_verification.c backend/store_event.c \
	backend/registration.c backend/keyring.c backend/policy.c backend/audit.c backend/audit_head.c backend/guard.c \
	backend/rules_shared.c backend/rules_event.c \
	backend/rules_throttle.c backend/rules_start.c backend/rules_answer.c backend/rules_hash.c backend/rules_pin.c backend/rules_again.c \
	backend/rules_activation.c backend/rules_credential.c backend/service.c backend/service_parties.c \
	backend/service_credential.c backend/service_verification.c \
	backend/service_restore.c
backend_core_SRC += backend/store_keys.c backend/keyring_master.c backend/keyring_store.c backend/audit_check.c \
	backend/rules_retire.c backend/service_keys.c backend/audit_export.c backend/policy_level.c backend/rules_amount.c backend/rules_receipt.c
backend_front_SRC := backend/http.c backend/http_call.c backend/http_state.c backend/http_tls.c backend/http_wire.c backend/http_handshake.c backend/http_stream.c backend/http_parse.c backend/http_write.c \
	backend/fields.c backend/answers.c backend/problems.c backend/query.c backend/routes.c backend/handlers.c \
	backend/handlers_events.c backend/event_text.c backend/hub.c backend/watch.c \
	backend/queue.c backend/sweep.c backend/worker.c backend/worker_batch.c backend/server.c backend/args.c backend/program.c \
	backend/admin_common.c backend/admin_setup.c backend/admin_serve.c backend/admin_people.c \
	backend/admin_credential.c backend/admin_verification.c backend/admin_terminal.c
# certificates of terminals and the server
backend_core_SRC += backend/tally.c backend/service_policy.c backend/store_message.c \
	backend/rules_message.c backend/message_text.c backend/service_contact.c backend/store_sqlite_backup.c
backend_front_SRC += backend/limiter.c backend/metrics.c backend/daemon.c backend/handlers_operation.c backend/server_signals.c backend/server_ends.c
backend_front_SRC += backend/messenger.c backend/messenger_mail.c backend/messenger_curl.c backend/post.c backend/admin_backup.c
backend_core_SRC += backend/service_find.c backend/service_restored.c backend/ends.c backend/rules_ends.c backend/store_enrol.c backend/authority.c backend/authority_server.c backend/rules_enrol.c backend/service_enrol.c
backend_front_SRC += backend/admin_store.c backend/news.c backend/rehearsal.c
backend_core_SRC += backend/rules_offline.c # offline policy
backend_front_SRC += backend/handlers_offline.c backend/admin_offline.c # offline policy
backend_front_SRC += backend/handlers_enrol.c backend/admin_ca.c
backend_front_SRC += backend/admin_key.c
backend_core_SRC += backend/store_sqlite_keep.c
# operators, customer service, what an issuer tells
backend_core_SRC += backend/store_people.c backend/answer_fold.c backend/rules_credential_look.c \
	backend/rules_issuer.c backend/rules_wallet.c backend/rules_session.c backend/rules_call.c backend/rules_call_allows.c backend/service_operator.c \
	backend/service_call.c
backend_front_SRC += backend/answers_people.c backend/handlers_people.c backend/admin_operator.c \
	backend/admin_call.c backend/admin_secret.c
backend_front_SRC += backend/site.c
backend_SRC := $(backend_core_SRC) $(backend_front_SRC)
# the wallet page as data of a program; not in backend.a: a change of the page links no test anew
site_SRC := $(B)/site_data.c

holder_SRC := wallet/holder/wallet.c wallet/holder/wallet_file.c wallet/holder/wallet_codes.c \
	wallet/holder/activation.c wallet/holder/activation_given.c wallet/holder/options.c \
	wallet/holder/passcode.c wallet/holder/commands.c wallet/holder/show.c wallet/holder/derive.c \
	wallet/holder/qr.c wallet/holder/picture.c wallet/holder/png.c wallet/holder/font.c \
	wallet/holder/phone.c wallet/holder/camera.c wallet/holder/camera_pose.c \
	wallet/holder/camera_lens.c \
	wallet/holder/scenario.c wallet/holder/scenario_words.c wallet/holder/play.c \
	wallet/holder/play_phone.c wallet/holder/play_event.c wallet/holder/frame_out.c \
	wallet/holder/shown.c wallet/holder/simulate.c wallet/holder/command_simulate.c

# pictures for tests and benchmarks of the scanner; the benchmark with its peers
frames_SRC := tests/bench/shot.c tests/bench/shot_symbol.c tests/bench/shot_carrier.c \
	tests/bench/shot_ground.c tests/bench/shot_scene.c tests/bench/shot_light.c \
	tests/bench/shot_sensor.c tests/bench/frames.c tests/bench/frames_conditions.c \
	tests/bench/hostile.c tests/bench/picture_in.c
bench_parts_SRC := tests/bench/bench_tools.c tests/bench/bench_set.c tests/bench/bench_video.c \
	tests/bench/bench_hostile.c tests/bench/bench_photos.c tests/bench/bench_process.c \
	tests/bench/engine.c \
	tests/bench/peer_zbar.c tests/bench/peer_zxing.cc

# what every benchmark measures with
measure_SRC := tests/bench/measure.c
# terminals at work on a backend
load_SRC := tests/bench/load_world.c tests/bench/load_rows.c tests/bench/load_server.c tests/bench/load_client.c \
	tests/bench/load_idle.c tests/bench/load_floor_store.c tests/bench/load_floor_tls.c \
	tests/bench/load_postgres.c tests/bench/load_report.c

MODULES := site base crypto crypto_random crypto_random_deterministic code verifier client scanner \
	scanner_child ui backend holder frames bench_parts load measure

# ---- programs: main file, modules in link order, libraries --------------------------------------

PROGRAMS := countersign countersign-scanner countersign-scanner-faulty countersignd countersignd-deterministic holder

countersign_MAIN := ui/main.c
countersign_USES := ui scanner client verifier code crypto crypto_random base
countersign_PKG  := ncursesw libcurl libqrencode

# ASan must meet the C++ runtime before the library with it is loaded.
sanitized_CXX := $(if $(SAN),-Wl$(comma)--push-state$(comma)--no-as-needed -lstdc++ -Wl$(comma)--pop-state)

countersign-scanner_MAIN := scanner/main.c
countersign-scanner_USES := scanner_child scanner base
countersign-scanner_PKG  := zbar libjpeg libpng libv4l2 libseccomp
countersign-scanner_LIBS := -lm $(sanitized_CXX)
# A test build: faults on demand, as a hostile picture could cause them. Never installed.
countersign-scanner-faulty_MAIN := scanner/main.c tests/lib/scanner_faults.c
countersign-scanner-faulty_USES := $(countersign-scanner_USES)
countersign-scanner-faulty_PKG  := $(countersign-scanner_PKG)
countersign-scanner-faulty_LIBS := $(countersign-scanner_LIBS) -Wl,--wrap=scan_examine

countersignd_MAIN := backend/main.c
countersignd_USES := site backend client code crypto crypto_random base
countersignd_PKG  := libevent libevent_pthreads libevent_openssl libssl sqlite3
countersignd_LIBS := -lunistring -pthread

# A test build: randomness from a seed, time from the request. Never installed.
countersignd-deterministic_MAIN := backend/main_deterministic.c
countersignd-deterministic_USES := site backend client code crypto crypto_random_deterministic base
countersignd-deterministic_PKG  := $(countersignd_PKG)
countersignd-deterministic_LIBS := $(countersignd_LIBS)

holder_MAIN := wallet/holder/main.c
holder_USES := holder client verifier code crypto crypto_random base
holder_PKG  := libqrencode libjpeg libpng libcurl
holder_LIBS := -lm

ALL_PKG := libcrypto libargon2 jansson inih # base and crypto, in every program

# ---- unit tests: tests/unit/test_<name>.c, cmocka, a list for each module -----------------------

base_UNIT := base_near base_local base_json_plain base_err base_amount base_bytes base_base32 base_clock base_text_safe base_log base_file base_config \
	base_json base_text base_process
crypto_UNIT := crypto_start crypto_hash crypto_ocra crypto_ocra_suite crypto_sign crypto_aead \
	crypto_password crypto_faults crypto_x509
crypto_random_deterministic_UNIT := crypto_random_deterministic
code_UNIT := code_vectors code_parse code_build code_receipt code_activation
code_FUZZ := code_parse
crypto_BENCH := crypto
code_BENCH := code
ui_BENCH := screen # what drawing costs
backend_BENCH := tls # a handshake, and memory of an idle terminal
verifier_UNIT := flow_table flow_counter flow_time flow_backend flow_walk flow_late flow_judge
verifier_FUZZ := flow
client_UNIT := message message_sale message_service client_clock client client_ask client_url client_listen event_stream
client_UNIT += offline client_nobody # offline policy
scanner_UNIT := scan_guide scan_pictures scan_streams scan_message scan_decode scan_record scan_process scan_process_faults scan_simulator
scanner_UNIT += scan_sandbox scan_opener scan_device scan_faults scan_preview
scanner_UNIT += scan_cascade qr_symbol qr_find qr_place qr_sample scan_reading
scanner_UNIT += camera camera_controls camera_faults camera_format camera_health camera_list camera_mode scan_devices
scanner_FUZZ := pgm png jpeg mjpeg y4m decode scan_msg
scanner_FUZZ += qr_symbol qr camera_settings
ui_UNIT := ui_code ui_ansi ui_customer ui_customer_view ui_grid ui_view ui_view_camera ui_words ui_digits
ui_UNIT += ui_screen ui_screen_draw ui_display explain ui_command ui_till_book ui_till ui_till_lost ui_till_client ui_webhook
ui_UNIT += ui_settings ui_look ui_plain
ui_UNIT += ui_devices ui_options ui_pin ui_events ui_session ui_counter ui_told
ui_UNIT += ui_sales ui_receipt ui_printer ui_history ui_history_out # transactions
ui_UNIT += ui_counter_sale ui_entry ui_desk ui_runner ui_runner_command ui_sound ui_speech ui_typing ui_verdict
ui_UNIT += ui_operators ui_service ui_service_away
ui_UNIT += ui_offline ui_offline_journal # offline policy
ui_FUZZ := session command offline
client_FUZZ := message message_service
backend_core_UNIT := backend_offline backend_rules_start backend_rules_answer backend_rules_throttle backend_rules_pin \
	backend_rules_activation backend_rules_wallet backend_store backend_store_both backend_postgres backend_postgres_shared backend_postgres_sets backend_migrate backend_audit backend_keyring backend_policy \
	backend_registration backend_service backend_crash backend_faults backend_guard backend_rules_event backend_work
backend_core_UNIT += backend_rotate backend_dump backend_audit_signed backend_amount backend_limits backend_retire backend_ends
# operators, customer service, what an issuer tells
backend_core_UNIT += backend_keep backend_receipt
backend_core_UNIT += backend_sign_in backend_call backend_issuer backend_answer_fold
backend_UNIT := $(backend_core_UNIT) backend_limiter backend_queue backend_message backend_fields backend_http backend_http_origin backend_http_parse backend_tls backend_wire backend_authority backend_enrol backend_stream backend_hub backend_query backend_events backend_routes backend_openapi backend_openapi_answers backend_server backend_worker backend_site
backend_FUZZ := fields http_request policy registration
holder_UNIT := holder_codes holder_wallet holder_options holder_qr holder_scenario holder_play \
	holder_camera holder_shown holder_simulate
holder_FUZZ := wallet_file scenario

base_FUZZ := base32 text_safe config json
crypto_FUZZ := ocra_suite csr
base_UNIT_USES := base
crypto_UNIT_USES := crypto crypto_random base
crypto_random_deterministic_UNIT_USES := crypto crypto_random_deterministic base
code_UNIT_USES := code crypto crypto_random base
verifier_UNIT_USES := verifier code crypto crypto_random base
client_UNIT_USES := client verifier code crypto crypto_random base
client_UNIT_PKG := libcurl
scanner_UNIT += scan_typed scan_typed_hid scan_reader scan_codes scan_symbologies scan_reader_list
scanner_FUZZ += hid codes
scanner_UNIT_USES := frames scanner_child scanner base
scanner_UNIT_PKG := zbar libjpeg libpng libv4l2 libseccomp libqrencode cmocka
scanner_UNIT_LIBS := -lm $(sanitized_CXX)
ui_UNIT_USES := $(countersign_USES)
ui_UNIT_PKG := $(countersign_PKG)
ui_UNIT_LIBS := -lm
backend_UNIT_USES := $(filter-out site,$(countersignd_USES))
backend_UNIT_PKG := $(countersignd_PKG) libpq # some tests speak to the server themselves
backend_UNIT_LIBS := -lunistring -pthread
holder_UNIT_USES := $(holder_USES)
holder_UNIT_PKG := $(holder_PKG)
holder_UNIT_LIBS := -lm

# Programs of the test machine only (tests/vm).
VM_TOOLS := feed_loopback feed_vivid fake_reader fake_hid

UNIT_MODULES := base crypto crypto_random_deterministic code verifier client scanner ui backend holder

# Fuzz targets: tests/fuzz/fuzz_<name>.c, seeds in fixtures/corpus/<name>/; <module>_FUZZ lists.
# Benchmarks: tests/bench/bench_<name>.c; <module>_BENCH lists; bench_scanner has its own rule.

# ---- flags --------------------------------------------------------------------------------------

WARN := -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wwrite-strings \
	-Wmissing-prototypes -Wstrict-prototypes -Wvla -Wformat=2 -Wundef -Wpointer-arith \
	-Wimplicit-fallthrough $(if $(WERROR),-Werror)
HARDEN := -fPIE -fstack-protector-strong -fstack-clash-protection \
	$(if $(filter x86_64,$(shell uname -m)),-fcf-protection) $(if $(SAN),,-D_FORTIFY_SOURCE=2)
HARDEN_LD := -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed
OPT := $(if $(SAN),-O1,-O2)
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all)

ALL_CPPFLAGS := -I. -D_GNU_SOURCE -DCOUNTERSIGN_VERSION='"$(VERSION)"' $(CPPFLAGS)
ALL_CFLAGS := -std=c17 -g $(OPT) $(WARN) $(HARDEN) -fno-common -fno-omit-frame-pointer -pthread \
	-ffile-prefix-map=$(CURDIR)=. $(SANFLAGS) $(CFLAGS)
ALL_LDFLAGS := $(HARDEN_LD) $(SANFLAGS) $(LDFLAGS)

STAMP := $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS)
ifneq ($(STAMP),$(file <$(B)/flags))
$(shell mkdir -p $(B))
$(file >$(B)/flags,$(STAMP))
endif

# ---- rules --------------------------------------------------------------------------------------

objs = $(patsubst %.cc,$(B)/obj/%.o,$(patsubst %.c,$(B)/obj/%.o,$(1)))
pkg  = $(if $(strip $(1)),$(shell pkg-config --libs $(1) 2>/dev/null))

define module_rule
$(B)/$(1).a: $(call objs,$($(1)_SRC))
OBJ += $(call objs,$($(1)_SRC))
endef
define program_rule # program path, source, modules, packages, libraries
$(1): $(call objs,$(2)) $(3:%=$(B)/%.a)
$(1): LIBS = $$(call pkg,$(4) $(ALL_PKG)) $(5)
OBJ += $(call objs,$(2))
BIN += $(1)
endef

$(foreach m,$(MODULES),$(eval $(call module_rule,$(m))))
$(foreach p,$(PROGRAMS),$(eval $(call program_rule,$(B)/$(p),$($(p)_MAIN),$($(p)_USES),$($(p)_PKG),$($(p)_LIBS))))
$(foreach m,$(UNIT_MODULES),$(foreach t,$($(m)_UNIT),$(eval $(call \
	program_rule,$(B)/test_$(t),tests/unit/test_$(t).c,$($(m)_UNIT_USES),cmocka $($(m)_UNIT_PKG),$($(m)_UNIT_LIBS)))))

# Counts what is computed.
$(B)/test_backend_work: LIBS += -Wl,--wrap=sec_ocra_mac_steps,--wrap=sec_hmac,--wrap=sec_hkdf_sha256_each \
	-Wl,--wrap=sec_hmac_each,--wrap=sec_ed25519_sign \
	-Wl,--wrap=sec_aead_open,--wrap=sec_ed25519_verify

# A phone's eyes.
$(B)/test_ui_code $(B)/test_ui_ansi $(B)/test_ui_customer $(B)/test_ui_history: LIBS += $(call pkg,zbar)

# The pages of the desk have tests of their own.
$(B)/test_ui_display: LIBS += -Wl,--wrap=desk_next_ms

# Time goes by as the test says.
$(B)/test_backend_worker: LIBS += -Wl,--wrap=clock_mono_ms

$(foreach t,$(VM_TOOLS),$(eval $(call program_rule,$(B)/$(t),tests/vm/$(t).c,base,,)))
# What the C side says of a code, for the tests of the wallet page.
$(eval $(call program_rule,$(B)/code_oracle,tests/wallet/code_oracle.c,$(holder_USES),$(holder_PKG),$(holder_LIBS)))

UNIT := $(foreach m,$(UNIT_MODULES),$($(m)_UNIT))
BENCH := $(foreach m,$(UNIT_MODULES),$($(m)_BENCH))

$(foreach m,$(UNIT_MODULES),$(foreach t,$($(m)_BENCH),$(eval $(call \
	program_rule,$(B)/bench_$(t),tests/bench/bench_$(t).c,measure $($(m)_UNIT_USES),$($(m)_UNIT_PKG),$($(m)_UNIT_LIBS)))))
$(eval $(call program_rule,$(B)/bench_backend,tests/bench/bench_backend.c,load measure \
	$(backend_UNIT_USES),$(backend_UNIT_PKG),$(backend_UNIT_LIBS)))
$(eval $(call program_rule,$(B)/bench_scanner,tests/bench/bench_scanner.c,bench_parts measure \
	$(scanner_UNIT_USES),$(scanner_UNIT_PKG) zxing,$(scanner_UNIT_LIBS) -lstdc++))
$(eval $(call program_rule,$(B)/bench_guide,tests/bench/bench_guide.c,frames scanner_child scanner \
	holder client verifier code crypto crypto_random base,$(scanner_UNIT_PKG) $(holder_PKG),-lm))
# Frames are drawn with much arithmetic, and that is not what is measured.
$(call objs,$(frames_SRC)): FASTER = -O3
# libFuzzer brings main(); only meaningful with CC=clang SAN=fuzzer-no-link,...
$(foreach m,$(UNIT_MODULES),$(foreach t,$($(m)_FUZZ),$(eval $(call \
	program_rule,$(B)/fuzz_$(t),tests/fuzz/fuzz_$(t).c,$($(m)_UNIT_USES),$($(m)_UNIT_PKG),$($(m)_UNIT_LIBS) -fsanitize=fuzzer))))

all: $(PROGRAMS:%=$(B)/%) $(B)/countersign-symbologies.so $(B)/locale.stamp
	$(Q)echo 'The programs are in $(B)'
units: $(UNIT:%=$(B)/test_%) $(B)/countersign-symbologies.so $(B)/faulty_disk.so $(VM_TOOLS:%=$(B)/%) \
	$(B)/code_oracle

$(BIN):
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)
$(B)/%.a:
	$(Q)rm -f $@ && $(AR) rcs $@ $^
$(B)/obj/%.o: %.c $(B)/flags
	$(Q)mkdir -p $(@D) && $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(FASTER) -MMD -MP -c -o $@ $<
# C++ only where a library speaks nothing else.
$(B)/obj/%.o: %.cc $(B)/flags
	$(Q)mkdir -p $(@D) && $(CXX) $(ALL_CPPFLAGS) $(shell pkg-config --cflags zxing 2>/dev/null) -std=c++17 -g $(OPT) -Wall -Wextra \
	  -fPIE $(if $(WERROR),-Werror) $(SANFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<

# Loaded by the scanner process for --all-symbologies. Without sanitizers: nothing of it is ours but
# a page of glue, and the program that loads it may be built by another compiler.
$(B)/countersign-symbologies.so: scanner/symbologies_zxing.cc scanner/symbologies_abi.h $(B)/flags
	$(Q)$(CXX) -I. -DZX_USE_UTF8=1 $(shell pkg-config --cflags zxing 2>/dev/null) -std=c++17 -g -O2 -Wall -Wextra \
	  $(if $(WERROR),-Werror) -fPIC -fvisibility=default -fstack-protector-strong -D_FORTIFY_SOURCE=2 \
	  -ffile-prefix-map=$(CURDIR)=. -shared -Wl,-z,relro,-z,now,-z,noexecstack \
	  -o $@ $< $(call pkg,zxing)

# Loaded before a program by tests: a disk that fails on demand. Without sanitizers, as above.
$(B)/faulty_disk.so: tests/lib/faulty_disk.c $(B)/flags
	$(Q)$(CC) -I. -D_GNU_SOURCE -std=c17 -g -O2 $(WARN) -fPIC -shared -o $@ $<

# Loaded before a server by a benchmark: a disk whose syncs take long.
$(B)/slow_sync.so: tests/bench/slow_sync.c $(B)/flags
	$(Q)$(CC) -I. -D_GNU_SOURCE -std=c17 -g -O2 $(WARN) -fPIC -shared -o $@ $<

# Languages: the programs look for them beside themselves first.
PO := $(wildcard ui/po/*.po)
$(B)/locale.stamp: $(PO)
	$(Q)for po in $(PO); do d=$(B)/locale/$$(basename $$po .po)/LC_MESSAGES; mkdir -p $$d && \
	  msgfmt --check -o $$d/countersign.mo $$po || exit 1; done; mkdir -p $(B) && touch $@

# The wallet page as the server hands it out. It is the same in every object tree, and each has its
# own: two runs of make beside each other do not meet.
WALLET := $(B)/wallet
WALLET_SRC := $(wildcard $(addprefix wallet/web/,*.json *.html *.css *.js *.mjs *.webmanifest icons/* \
	style/*.css \
	src/*.js src/*/*.js))
wallet/web/node_modules/stamp: wallet/web/package-lock.json
	$(Q)cd wallet/web && flock package-lock.json sh -c 'test node_modules/stamp -nt package-lock.json || \
	  { npm ci --no-progress --loglevel=error >/dev/null && touch node_modules/stamp; }'
$(WALLET)/files: $(WALLET_SRC) wallet/web/node_modules/stamp
	$(Q)node wallet/web/build.mjs $(WALLET)
wallet: $(WALLET)/files
$(B)/site_data.c: $(WALLET)/files backend/site_data.pl
	$(Q)perl backend/site_data.pl $(WALLET) >$@

# What there is to translate, taken from the source. Then: msgmerge --update ui/po/zh_CN.po
# ui/po/countersign.pot, translate, and let tests/lint/languages.t say what is missing.
pot:
	$(Q)xgettext --from-code=UTF-8 --keyword=_ --keyword=N_ --package-name=countersign \
	  --add-location=file --sort-by-file -o - $(wildcard ui/*.c) base/local.c | \
	  sed -e 1,4d -e '/^"POT-Creation-Date/d' >ui/po/countersign.pot

# The recorded screens and their place in the documentation, drawn anew; look at the difference.
screens: $(B)/test_ui_view $(B)/test_ui_customer_view $(B)/locale.stamp
	$(Q)UI_SCREENS_WRITE=1 $(B)/test_ui_view >$(B)/screens.log && \
	  UI_SCREENS_WRITE=1 $(B)/test_ui_customer_view >>$(B)/screens.log && \
	  perl tests/lib/screens_doc.pl >$(B)/screens.md && cp $(B)/screens.md docs/screens.md

# ---- set-up -------------------------------------------------------------------------------------

# Debian 12 packages. The first list builds and runs everything; the second is for the tests.
DEPS_BUILD := gcc g++ libc6-dev pkg-config gettext libssl-dev libargon2-dev libjansson-dev libinih-dev \
	libzbar-dev libjpeg-dev libpng-dev libv4l-dev libzxing-dev libseccomp-dev libcurl4-openssl-dev libncurses-dev \
	libqrencode-dev libevent-dev libsqlite3-dev libpq-dev libunistring-dev perl \
	nodejs:node npm:npm # the wallet page
DEPS_TEST := postgresql-15 clang libclang-rt-dev libcmocka-dev curl sqlite3 tmux zbar-tools cppcheck shellcheck \
	procps binutils git qemu-system-x86 busybox-static v4l-utils xz-utils haproxy libfaketime openssl python3 locales socat \
	chromium firefox-esr fonts-noto-cjk # the wallet page in real browsers

deps:
	$(Q)tests/lib/deps.sh $(DEPS_BUILD)
deps-test: deps
	$(Q)tests/lib/deps.sh $(DEPS_TEST)

# ---- demo ---------------------------------------------------------------------------------------

# The packages come first, in a make of their own: pkg-config is asked while the rules are read.
demo: deps
	$(Q)$(MAKE) --no-print-directory all
	$(Q)tests/demo.sh $(B)

# ---- tests --------------------------------------------------------------------------------------

JOBS ?= $(shell nproc)
SANITIZED := address,undefined
FUZZ := $(foreach m,$(UNIT_MODULES),$($(m)_FUZZ))
FUZZ_SECONDS ?= 4

test: deps-test
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) all units
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) CC=clang all
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) CC=clang SAN=$(SANITIZED) all units
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) CC=clang SAN=fuzzer-no-link,$(SANITIZED) fuzzers
	$(Q)$(MAKE) --no-print-directory check

# What `test` runs once everything is built: one prove, so that one summary closes it. What waits
# most comes first, beside the rest.
FIRST := tests/e2e/vm.t tests/e2e/sanitized.t
check:
	$(Q)FUZZ_SECONDS=$(FUZZ_SECONDS) prove --jobs $(JOBS) --timer --exec '' \
	  $(FIRST) $(UNIT:%=build/gcc/test_%) $(UNIT:%=build/clang-address-undefined/test_%) \
	  tests/lint/*.t tests/wallet/*.t $(filter-out $(FIRST),$(sort $(wildcard tests/e2e/*.t)))

# The same without sanitizers, fuzzing and recordings, for while one works.
quick: all units
	$(Q)prove --jobs $(JOBS) --exec '' $(UNIT:%=$(B)/test_%)

fuzzers: $(FUZZ:%=$(B)/fuzz_%)
fuzz: deps-test
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) CC=clang SAN=fuzzer-no-link,$(SANITIZED) fuzzers
	$(Q)FUZZ_SECONDS=$(or $(T),600) prove --jobs $(JOBS) --timer --exec '' tests/e2e/fuzz.t

# Faults at many more points than `test` has time for: about ten minutes.
fault-long: deps-test
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) all $(B)/faulty_disk.so
	$(Q)FAULT_POINTS=300 FAULT_KILLS=20 FAULT_RACES=2000 FAULT_ROUNDS=150 FAULT_TALK=1 prove --timer --verbose tests/e2e/fault_*.t

# Random keys, clicks and window sizes into the real program; SEED= repeats a run.
monkey: deps-test
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) all
	$(Q)COUNTERSIGN_BIN=$(B) MONKEY_STEPS=$(or $(STEPS),100000) MONKEY_SEED=$(or $(SEED),$(shell date +%s)) \
	  prove --timer tests/e2e/monkey.t

fuzz-list:
	@echo $(FUZZ)

# ---- benchmarks, fixtures, analysis -------------------------------------------------------------

bench: deps-test
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) all benches
	$(Q)tests/bench/run.pl
benches: $(BENCH:%=$(B)/bench_%)
# How often the scanner says rightly why it does not read.
bench-guide: $(B)/bench_guide
	$(Q)$(B)/bench_guide
# Reading codes, beside the peers. QUICK=1: few frames. ARGS=--help lists what can be chosen.
bench-backend: deps-test
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) $(B)/countersignd $(B)/bench_backend $(B)/slow_sync.so
	$(Q)$(B)/bench_backend --server $(B)/countersignd $(ARGS)

# The operator's screen: key to screen, processor time of drawing, memory through a day.
bench-screen: deps-test
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) all $(B)/bench_screen
	$(Q)COUNTERSIGN_BIN=$(B) tests/bench/screen.pl $(ARGS)

# The wallet page: its weight, and Chromium with a slower processor. ROUNDS=5 is quicker.
bench-wallet: deps-test
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) all
	$(Q)COUNTERSIGN_BIN=$(B) node tests/bench/wallet.mjs $(B)/wallet

bench-scanner: deps-test
	$(Q)$(MAKE) --no-print-directory -j$(JOBS) $(B)/countersign-scanner $(B)/bench_scanner
	$(Q)$(B)/bench_scanner $(if $(QUICK),--quick) $(if $(PHOTOS),--photos $(PHOTOS)) \
	  $(if $(MISSES),--misses $(MISSES)) --scanner $(B)/countersign-scanner $(ARGS)

fixtures: all
	$(Q)fixtures/make_sessions.pl

analyse:
	$(Q)tests/lint/analyse.sh

install: all
	$(Q)install -d -m 755 $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
	  $(DESTDIR)$(PREFIX)/share/man/man8
	$(Q)install -m 755 $(INSTALLED:%=$(B)/%) $(DESTDIR)$(PREFIX)/bin
	$(Q)install -d -m 755 $(DESTDIR)$(PREFIX)/lib/countersign
	$(Q)install -m 644 $(B)/countersign-symbologies.so $(DESTDIR)$(PREFIX)/lib/countersign
	$(Q)install -d -m 755 $(DESTDIR)$(PREFIX)/include
	$(Q)install -m 644 ui/till/countersign_till.h $(DESTDIR)$(PREFIX)/include
	$(Q)install -m 644 docs/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
	$(Q)install -m 644 docs/*.8 $(DESTDIR)$(PREFIX)/share/man/man8
	$(Q)install -d -m 755 $(DESTDIR)$(PREFIX)/lib/systemd/system
	$(Q)install -m 644 backend/systemd/countersignd.socket $(DESTDIR)$(PREFIX)/lib/systemd/system
	$(Q)sed 's|@PREFIX@|$(PREFIX)|' backend/systemd/countersignd.service \
	  >$(DESTDIR)$(PREFIX)/lib/systemd/system/countersignd.service && \
	  chmod 644 $(DESTDIR)$(PREFIX)/lib/systemd/system/countersignd.service
	$(Q)for po in $(PO); do d=$$(basename $$po .po)/LC_MESSAGES && \
	  install -d -m 755 $(DESTDIR)$(PREFIX)/share/locale/$$d && install -m 644 \
	  $(B)/locale/$$d/countersign.mo $(DESTDIR)$(PREFIX)/share/locale/$$d || exit 1; done
PREFIX ?= /usr/local
INSTALLED := countersign countersign-scanner countersignd holder

clean:
	$(RM) -r build

help:
	@echo 'make demo       install what is missing, build, and watch two scans on a simulated phone'
	@echo 'make test       install what is missing, build with gcc and clang, run every test'
	@echo 'make all        build the programs into build/gcc (CC=clang, SAN=address,undefined)'
	@echo 'make quick      unit tests of one build only'
	@echo 'make bench      measure, beside the peers'
	@echo 'make bench-backend   the backend under load, beside the floors of its parts; ARGS='
	@echo 'make bench-guide     why frames are not read: how often the hint is right'
	@echo 'make bench-scanner   reading codes, beside the peers; QUICK=1 PHOTOS=DIR MISSES=DIR'
	@echo 'make bench-screen    the operator'\''s screen: key to screen, drawing, a day'"'"'s memory'
	@echo 'make bench-wallet    the wallet page: its weight, and its times on a slow phone; ROUNDS='
	@echo 'make fuzz T=600 fuzz every parser for so many seconds'
	@echo 'make monkey     100,000 random keys into the terminal program; STEPS= SEED='
	@echo 'make fault-long kill and damage the backend at hundreds of points, on both stores'
	@echo 'make fixtures   make the recorded sessions again from their scenarios'
	@echo 'make analyse    clang-tidy over everything (minutes)'
	@echo 'make install    into PREFIX (/usr/local), DESTDIR is honoured'
	@echo 'make deps       only install the packages that are missing'

-include $(OBJ:.o=.d)
.PHONY: wallet bench-backend bench-wallet bench-screen monkey pot screens all units deps deps-test demo test check quick fuzz fuzzers fuzz-list fault-long bench bench-guide bench-scanner benches \
	fixtures analyse install clean help
