"""The register of records by route: which record each leaves, which command it gives, and which leave none and why."""

# Routes that the tests ask for, by the records they leave.
SEEN: dict[tuple[str, ...], str] = {
    ("training_versionmove",): """
        admin:training_course_copy admin:training_course_next_version admin:training_courseversion_approve
        admin:training_courseversion_publish admin:training_courseversion_send_back
        admin:training_courseversion_submit
    """,
    ("scalper_policies_baselinemove",): """
        admin:scalper_policies_baselineversion_add_address admin:scalper_policies_baselineversion_add_limit
        admin:scalper_policies_baselineversion_add_ties admin:scalper_policies_baselineversion_remove_rule
        admin:scalper_policies_baselineversion_write
    """,
    ("audit_entry",): """
        account account_login account_logout account_reauthenticate admin:accounts_user_set_staff_roles
        admin:marketplace_budget_change_cap admin:marketplace_platformaction_approve
        admin:marketplace_platformaction_decline admin:marketplace_rulepause_resume_rule
        admin:marketplace_switch_resume admin:marketplace_switch_stop_part
        admin:marketplace_switch_stop_platform admin:risk_appeal_uphold admin:risk_signaldispute_dismiss
        admin:risk_violation_record admin:risk_violation_withdraw admin:training_reliefpolicy_add_policy
        admin:training_reliefpolicy_end api_violation-list api_violation-withdraw
        api_action-approve api_action-decline api_action-list api_action-undo api_appeal-list
        api_claim-evidence api_floor_prices-list api_guard_policy-mode api_guard_policy-publish api_order-hold
        api_order-recipient api_price_window-list api_scalper_draw-cancel api_scalper_draw-list
        api_scalper_list_entry-detail api_scalper_list_entry-list api_scalper_list_file-list
        api_scalper_snooze-list api_shop-detail api_shop-list api_signal_dispute-list buyer_appeal
        claim_evidence claims_bulk desk_act:gold desk_recipient desk_setting evidence_remove
        evidence_restore export_file exports key_revoke mfa_authenticate order_recipient price_floor_job_move
        price_floors price_floors_file price_hit_review price_policy_move price_window_move price_windows
        saved_view_delete saved_view_rename saved_view_restore saved_view_update saved_views scalper_draw_new
        scalper_list_add scalper_list_remove staff_uploads team_change_role team_invite team_remove
        training_assign training_calendar training_unask uploads warning_limits
        api_webhook-detail api_webhook-end-old-secret api_webhook-list api_webhook-pause api_webhook-replay-failed
        api_webhook-resume api_webhook-rotate api_webhook-send-test api_webhook-switch-off
        api_webhook_delivery-replay webhook_edit webhook_end_secret webhook_new webhook_off webhook_pause
        webhook_replay webhook_replay_failed webhook_resume webhook_rotate webhook_test
        action_decide admin:marketplace_inboxevent_try_again admin:marketplace_platformaction_retry
        admin:marketplace_platformaction_undo_action admin:marketplace_switch_stop admin:risk_appeal_dismiss
        admin:risk_signaldispute_uphold admin:scalper_policies_baselineversion_approve
        admin:scalper_policies_baselineversion_enforce admin:scalper_policies_baselineversion_retire
        admin:scalper_policies_baselineversion_send_back admin:scalper_policies_baselineversion_submit
        admin:scalper_policies_orderdecision_overrule admin:scalper_policies_override_end
        admin:scalper_policies_override_overrule_baseline admin:scalper_policies_policyversion_approve
        admin:scalper_policies_policyversion_enforce admin:scalper_policies_policyversion_overrule
        admin:scalper_policies_policyversion_send_back admin:scalper_policies_policyversion_stop
        admin:training_assignment_take_back admin:training_assignmentrule_add_rule
        admin:training_assignmentrule_switch admin:training_certificate_revoke admin:training_course_enrol_people
        admin:training_livesession_add_recording admin:training_livesession_cancel admin:training_livesession_end
        admin:training_livesession_go_live admin:training_livesession_plan api_action-retry api_floor_prices-undo
        api_guard_hit-review api_guard_policy-retire api_guard_policy-versions api_guard_settings
        api_kill_switch-resume api_kill_switch-stop api_order-erase api_order-release-hold api_price_incident-choose
        api_price_incident-close api_price_incident-exempt api_price_incident-hand-over api_price_incident-mean
        api_price_incident-pack api_price_incident-restore api_price_incident-stop api_price_incident-take-back
        api_price_window-approve api_price_window-revoke api_rule_pause-resume
        api_scalper_override-answers api_scalper_override-end api_scalper_override-rules
        api_scalper_version-send-back api_training_assignment-end api_training_assignment-list claims_batch_cancel
        desk_route_move desk_setting_new desk_setting_retire import_cancel import_new import_resume invitation key_new
        price_incident_answer price_incidents_bulk price_pack_exempt price_second_person rule_resume
        scalper_draw_cancel scalper_draw_recompute settings shop_switch source_add_secret source_new
        source_revoke_secret source_switch team_revoke_invitation
    """,
    ("audit_entry", "claims_goldanswer"): """
        desk_sample_answer
    """,
    ("audit_entry", "claims_claimmove"): """
        desk_act:hand_over
    """,
    ("audit_entry", "scalper_policies_decisionnote"): """
        scalper_decision_say
    """,
    ("audit_entry", "scalper_policies_versionmove"): """
        api_scalper_policy-revise scalper_policy_edit
    """,
    ("claims_claimmove",): """
        api_claim-appeal api_claim-submit api_claim-withdraw claim_appeal claim_check claim_evidence_sent
        claim_withdraw claims_picked desk_act:approve desk_act:ask desk_act:decide desk_act:override
        desk_act:put_back desk_next
        api_claim-evidence-sent api_claim_buyer_appeal
    """,
    ("claims_claimmove", "audit_entry"): """
        desk_act:take desk_bulk
    """,
    ("claims_internalnote",): """
        desk_act:note
    """,
    ("claims_message", "audit_entry"): """
        api_claim-messages claim_message desk_act:write
    """,
    ("pricing_guard_evidencepack",): """
        price_incident_pack
    """,
    ("pricing_guard_incidentmove",): """
        admin:pricing_guard_incident_release price_answer price_incident_orders
    """,
    ("pricing_guard_policyversion",): """
        api_guard_policy-list price_policy_edit price_policy_new
    """,
    ("pricing_guard_pricecheck",): """
        api_price_check-list
    """,
    ("risk_label",): """
        api_warning-mark-normal
    """,
    ("risk_restrictionmove",): """
        admin:risk_restriction_confirm admin:risk_restriction_reject api_restriction-lift api_restriction-list
        buyer_restrict restriction_lift
    """,
    ("risk_warningmove",): """
        api_warning-acknowledge api_warning-hold-shipment api_warning-release-shipment api_warning-reopen
        warning_answer warning_undo warnings_bulk warnings_undo
    """,
    ("scalper_policies_drawentry",): """
        api_scalper_draw_entry-list
    """,
    ("scalper_policies_orderdecision",): """
        api_order_decision-batch api_order_decision-list
    """,
    ("scalper_policies_versionmove",): """
        api_scalper_policy-list api_scalper_version-approve api_scalper_version-enforce
        api_scalper_version-retire api_scalper_version-submit api_scalper_version-try-out
        api_scalper_version-watch scalper_policy_new scalper_version_move
    """,
    ("training_versionmove", "audit_entry"): """
        admin:training_courseversion_take_in
    """,
}
# Routes that only name a command, which the tests give itself: the record is judged there.
BY_COMMAND: dict[str, str] = {}
# Routes that leave none.
NONE: dict[str, str] = {
    "A draft as it is typed; its history begins when it is handed in.": """
        api_claim-detail api_claim-list claim_begin claim_draft claim_edit
    """,
    "A draft of a course as it is written; begun, handed in, approved and published it is recorded.": """
        admin:training_courseversion_add_file admin:training_courseversion_move
        admin:training_courseversion_remove_file admin:training_courseversion_write
    """,
    "A person ends sessions of their own elsewhere.": """
        usersessions_list
    """,
    "A question about the past, which changes nothing.": """
        admin:scalper_policies_baselineversion_try_it
        api_price_backtest-cancel api_price_backtest-list api_scalper_backtest-cancel api_scalper_backtest-list
        price_backtest_cancel price_backtest_start price_recommend scalper_backtest_cancel
        scalper_backtest_start
    """,
    "A reviewer's own filters.": """
        desk_view
    """,
    "Asks for a mail; the password that is set by it is recorded.": """
        account_reset_password
    """,
    "How a person looks at the site.": """
        set_language switch_shop
    """,
    "Not offered: accounts come from invitations, which prove the address.": """
        account_confirm_email account_confirm_login_code account_email account_email_verification_sent
        account_set_password account_signup
    """,
    "Only looks, or leads to a page that asks.": """
        desk_setting_preview
        admin:password_change_done admin:training_attendance_attendance
        admin:training_attendance_attendance_csv admin:training_course_effect
        admin:training_course_import_folder admin:training_course_questions admin:training_course_see_effect
        admin:training_course_see_questions admin:training_courseversion_export
        admin:training_courseversion_file admin:training_courseversion_import_folder
        admin:training_courseversion_open_desk admin:training_courseversion_preview
        admin:training_courseversion_take_along admin:training_enrolment_completion
        admin:training_enrolment_completion_csv admin:training_enrolment_time admin:training_enrolment_time_csv
        admin:training_livesession_plan_new admin:training_livesession_replan
        desk_preview
    """,
    "Said in a room, where it stays to be read.": """
        admin:training_livesession_announce admin:training_roomquestion_answer
        admin:training_roomquestion_decline admin:training_roomquestion_show
    """,
    "Says once more who is there.": """
        mfa_reauthenticate mfa_reauthenticate_webauthn
    """,
    "Stops a job; what it has done is recorded answer by answer.": """
        warnings_cancel
    """,
    "Tells the shop once more what was asked of it.": """
        training_remind
    """,
    "That the page of a case is still open.": """
        desk_beat
    """,
    "The library of sign-ins saves first and tells then; what it tells is recorded, in a second transaction.": """
        account_change_password account_reset_password_from_key mfa_activate_totp mfa_add_webauthn
        mfa_deactivate_totp mfa_generate_recovery_codes mfa_remove_webauthn
    """,
    "The name that a person gave to a key.": """
        mfa_edit_webauthn
    """,
    "The next piece of a file, whose beginning and end are recorded.": """
        staff_upload upload
    """,
    "The received event is what is kept, with its digest.": """
        api_events
    """,
    "What a lead has seen; what came late is in the case's history.": """
        desk_escalations_seen
    """,
    "What a learner does in a course is itself what is kept.": """
        api_training_attempt-answers api_training_attempt-hand-in api_training_course-attempts
        api_training_course-beat api_training_course-enrol api_training_course-move-on api_training_course-read
        api_training_session-beat api_training_session-give-up api_training_session-questions
        api_training_session-register training_answer training_ask training_attempt training_beat
        training_download training_enrol training_give_up training_hand_in training_lesson training_move_on
        training_quiz_start training_read training_register training_renew training_room_beat
    """,
    "What a person wants to hear by mail.": """
        notice_settings
    """,
    "What was read and put aside in the inbox.": """
        inbox_bulk
    """,
    "What was read in the inbox.": """
        notice
    """,
}
