# frozen_string_literal: true

require_relative "backoffice/account"
require_relative "backoffice/audit_log"
require_relative "backoffice/claim"
require_relative "backoffice/claim_desk"
require_relative "backoffice/claim_store"
require_relative "backoffice/csv_export"
require_relative "backoffice/monthly_report"
require_relative "backoffice/notifier"
require_relative "backoffice/permissions"
require_relative "backoffice/refund_policy"

# Tools for the people who handle claims.
module Backoffice
end
