# frozen_string_literal: true

require "backoffice"
require_relative "support/fakes"

RSpec.configure do |config|
  config.disable_monkey_patching!
  config.order = :random
  config.mock_with(:rspec) { |mocks| mocks.verify_partial_doubles = true }
  config.include Fakes
end
